//! Infrastructure code: what is deployed, with which settings and permissions.
//!
//! There is one reader per format, and each yields one [`Stack`], which serves finding functions, binding their environment
//! *and* knowing the permissions declared for them. [`document`] reads YAML and JSON with positions.

pub mod document;
mod stack;

pub use stack::{
    CodeSource, DeclaredCondition, DeclaredEffect, DeclaredPolicy, DeclaredStatement, EventKind, EventSource, Format, ImageCode,
    InlineCode, LambdaFunction, Layer, Parameter, PolicySource, Resource, Role, RoleRef, Setting, SettingKind, Stack, Variable,
};
