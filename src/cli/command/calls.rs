//! `leash calls`: the requests that were found, before anything is looked up.

use clap::Args;

use crate::cli::args::{Input, Part, TextOrJson};
use crate::cli::input;
use crate::cli::output::Output;
use crate::cli::settings;
use crate::cli::{CliError, Outcome};
use crate::report::{View, calls, notes};

/// Print the AWS calls that the functions at PATH can make
#[derive(Debug, Args)]
pub(in crate::cli) struct Calls {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    part: Part,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = TextOrJson::Text, help_heading = "Output")]
    format: TextOrJson,
}

impl Calls {
    pub(in crate::cli) fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        let mut settings = settings::settings(&self.input, None)?;
        settings.shard = self.part.shard;
        settings.each_alone = self.part.shard.is_some();
        let report = input::analyze(&settings, output)?;
        let view = View::of(&report);
        let mut out = Vec::new();
        // A buffer takes everything.
        let _ = match self.format {
            TextOrJson::Text => calls::text(&view, &mut out),
            TextOrJson::Json => calls::json(&view, &mut out),
        };
        output.answer(&out)?;
        output.notes(&notes::collect(&report));
        Ok(Outcome::Clean)
    }
}
