//! Terraform and `OpenTofu`: root modules with everything they call, and plans.
//!
//! [`parse`] and [`json`] read files into [`ast`]; [`module`] puts the files of a folder together; [`world`] knows which
//! instances of modules and resources there are and evaluates on demand ([`eval`], [`reference`], `functions`) into
//! [`value`]; [`collect`] gathers every resource; from there on, the words are those of the `aws` provider, and plans
//! ([`plan`]) join in.

mod apart;
mod ast;
mod body;
mod code;
mod collect;
mod community;
mod document;
mod elsewhere;
mod eval;
mod events;
mod expand;
mod function;
mod functions;
mod guard;
mod json;
mod module;
mod parse;
mod plan;
mod reference;
mod roles;
mod value;
mod world;

use std::path::{Path, PathBuf};

pub(super) use plan::is_plan;
pub use plan::read_plan;

use super::{Files, Format, Stack};
use collect::Collected;
use world::World;

pub(crate) use module::is_source as is_terraform_file;

/// Reads the root module in a folder; nothing when there are no Terraform files in it.
pub fn read_terraform(files: &Files, folder: &Path) -> Option<Stack> {
    let world = World::new(files, folder);
    let root = world.root_instance();
    let main = root.module.main_file()?.clone();
    let mut stack = Stack::new(Format::Terraform, &main, &world.root);
    let mut collected = Collected::new(&world.root);
    collected.gather(&world);
    collected.build(files, &mut stack);
    let (notes, mains) = world.finish();
    stack.parameters = world.parameters.take();
    stack.notes.extend(notes);
    stack.included = mains.iter().filter(|file| file.path != main.path).map(|file| PathBuf::from(&file.path)).collect();
    Some(stack)
}
