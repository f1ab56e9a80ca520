//! Least-privilege IAM policies inferred from the source code of AWS Lambda functions.

pub mod bind;
pub mod catalog;
pub mod cli;
pub mod declared;
pub mod diff;
pub mod draft;
pub mod embedded;
pub mod flow;
pub mod iac;
pub mod ids;
pub mod ir;
pub mod lower;
pub mod needs;
pub mod note;
pub mod observed;
pub mod patch;
pub mod pipeline;
pub mod policy;
pub mod project;
pub mod report;
pub mod sdk;
pub mod span;
pub mod syntax;
pub mod value;
mod wording;
