//! Aliases and versions of functions: what is granted to one, polls for it or is set on it is the function's.
//! <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda.Alias.html>

use smol_str::SmolStr;

use super::{Reader, props, text_of};
use crate::flow::SdkCall;
use crate::sdk::construct::{construct, made_with};
use crate::value::Arg;

/// An alias is of a version, which is of a function.
const STEPS: usize = 2;

impl Reader<'_> {
    /// Takes in a construct that is an alias or a version.
    pub(super) fn qualified(&mut self, call: &SdkCall) {
        let of = match call.operation.as_str() {
            "aws-lambda.Alias" => "version",
            "aws-lambda.Version" => "lambda",
            _ => return,
        };
        let id = text_of(&call.params, "id").and_then(|id| id.as_literal().map(SmolStr::from));
        let (Some(id), Some(given)) = (id, props(&call.params).get(of)) else { return };
        let mark = SmolStr::from(made_with(&call.params).unwrap_or_default());
        let of = given.alternatives().iter().map(|of| (mark.clone(), of.clone()));
        self.qualified.entry(id).or_default().extend(of);
    }

    /// What a construct is of in the end, if it is an alias or a version, else the construct itself.
    pub(super) fn unqualified<'v>(&'v self, value: &'v Arg) -> Vec<&'v Arg> {
        (0..STEPS).fold(vec![value], |values, _| values.into_iter().flat_map(|value| self.of(value)).collect())
    }

    fn of<'v>(&'v self, value: &'v Arg) -> Vec<&'v Arg> {
        let known = construct(value).and_then(|(_, id, data)| Some((self.qualified.get(id?)?, made_with(data))));
        let Some((all, mark)) = known else { return vec![value] };
        let same: Vec<&Arg> = all.iter().filter(|(own, _)| Some(own.as_str()) == mark).map(|(_, of)| of).collect();
        if same.is_empty() { all.iter().map(|(_, of)| of).collect() } else { same }
    }
}
