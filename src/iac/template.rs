//! A `CloudFormation` or SAM template while it is being read: its sections, and what names in it refer to.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use smol_str::SmolStr;

use super::document::{Entry, Node};
use super::files::{Files, clean};
use super::foreach;
use super::nested::Nested;
use super::places::Places;
use super::stack::Parameter;
use crate::note::{Note, NoteKind};
use crate::span::{Location, SourceFile, Span};
use crate::value::{Arg, Text};

/// One template, with everything that evaluating its expressions needs.
pub(crate) struct Template<'a> {
    /// Where files come from.
    pub(crate) files: &'a Files,
    /// The template's file.
    pub(crate) file: Arc<SourceFile>,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The folder that its relative paths start from.
    pub(crate) folder: PathBuf,
    /// Whether other templates are none of its business.
    pub(crate) is_alone: bool,
    /// The document.
    pub(crate) root: &'a Node,
    /// Whether it uses SAM's transform.
    pub(crate) is_sam: bool,
    /// What goes before logical ids: empty, or `Nested/`.
    pub(crate) prefix: SmolStr,
    /// The resources, with `Fn::ForEach` written out.
    pub(crate) resources: Vec<Entry>,
    /// Resource types by logical id.
    kinds: BTreeMap<SmolStr, SmolStr>,
    /// The parameters by their own names.
    parameters: BTreeMap<SmolStr, Parameter>,
    /// Values a parent stack passes for parameters.
    pub(crate) bindings: BTreeMap<SmolStr, Arg>,
    /// Parameters that are something else than their defaults where the evaluation is.
    pub(crate) given: RefCell<Vec<SmolStr>>,
    /// Nested stacks, read when first needed.
    pub(crate) nested: Nested,
    /// How many evaluations are under way, in this template and those that wait for it.
    pub(crate) depth: Rc<Cell<usize>>,
    /// The files it is put together from, when it is not one file.
    places: Places,
    notes: RefCell<Vec<Note>>,
}

/// What a nested template inherits from the one that includes it.
#[derive(Default)]
pub(crate) struct Parent {
    /// What goes before logical ids.
    pub(crate) prefix: SmolStr,
    /// Values for parameters.
    pub(crate) bindings: BTreeMap<SmolStr, Arg>,
    /// The templates on the way here, which must not be included again.
    pub(crate) chain: Vec<PathBuf>,
    /// See [`Template::depth`].
    pub(crate) depth: Rc<Cell<usize>>,
    /// How many nested stacks were read so far.
    pub(crate) nested: Rc<Cell<usize>>,
    /// Whether what it imports is not looked for.
    pub(crate) is_alone: bool,
    /// The files the template is put together from, when it is not one file.
    pub(crate) places: Places,
}

impl<'a> Template<'a> {
    /// Prepares the template at `path`.
    pub(crate) fn new(files: &'a Files, path: &Path, file: &Arc<SourceFile>, root: &'a Node, parent: Parent) -> Self {
        let mut chain = parent.chain;
        chain.push(clean(path));
        let mut template = Self {
            files,
            file: Arc::clone(file),
            path: path.to_path_buf(),
            is_alone: parent.is_alone,
            folder: path.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf),
            root,
            is_sam: is_sam(root),
            prefix: parent.prefix,
            resources: Vec::new(),
            kinds: BTreeMap::new(),
            parameters: BTreeMap::new(),
            bindings: parent.bindings,
            given: RefCell::default(),
            nested: Nested::new(chain, parent.nested),
            depth: parent.depth,
            places: parent.places,
            notes: RefCell::new(Vec::new()),
        };
        let parameters = root.get("Parameters").map_or(&[][..], Node::entries);
        template.parameters = parameters.iter().map(|entry| (entry.key.clone(), template.parameter(entry))).collect();
        template.resources = root.get("Resources").map_or_else(Vec::new, |node| foreach::expand(&template, node.entries()));
        template.kinds = template
            .resources
            .iter()
            .filter_map(|entry| Some((entry.key.clone(), entry.value.get("Type")?.as_str()?.into())))
            .collect();
        template
    }

    /// The type of a resource of this template.
    pub(crate) fn kind(&self, id: &str) -> Option<&SmolStr> {
        self.kinds.get(id)
    }

    /// The parameters, as the stack lists them.
    pub(crate) fn parameters(&self) -> BTreeMap<SmolStr, Parameter> {
        self.parameters.iter().map(|(name, parameter)| (self.qualified(name), parameter.clone())).collect()
    }

    /// What the parameters without a default may be, where that is listed.
    pub(crate) fn allowed(&self) -> BTreeMap<SmolStr, Vec<SmolStr>> {
        let parameters = self.root.get("Parameters").map_or(&[][..], Node::entries).iter();
        let listed = parameters.filter(|entry| self.parameters.get(&entry.key).is_some_and(|known| known.default.is_none()));
        let allowed = listed.filter_map(|entry| {
            let values = entry.value.get("AllowedValues")?.items().iter();
            let values: Vec<SmolStr> = values.map(|value| value.as_str().map(SmolStr::from)).collect::<Option<_>>()?;
            Some((self.qualified(&entry.key), values))
        });
        allowed.filter(|(_, values)| !values.is_empty()).collect()
    }

    fn parameter(&self, entry: &Entry) -> Parameter {
        let kind: SmolStr = entry.value.get("Type").and_then(Node::as_str).unwrap_or("String").into();
        let bound = self.bindings.get(&entry.key).and_then(Arg::as_text);
        // The default of such a parameter names an entry of the parameter store, whose value is not known.
        let stored = kind.starts_with("AWS::SSM::Parameter::");
        let default = entry.value.get("Default").filter(|_| !stored).and_then(|node| node.as_str().map(Text::from));
        let allowed = entry.value.get("AllowedValues").map_or(&[][..], Node::items);
        // Tools that always pass a value (Amplify) let the parameter's own name stand where the template must have some text.
        let default = bound.or(default.filter(|text| !allowed.is_empty() || text.as_literal() != Some(&entry.key)));
        let mut allowed = allowed.iter();
        let is_filled = allowed.all(|value| value.as_str() != Some("")) && default.as_ref().is_none_or(|text| !text.is_empty());
        Parameter { default, is_filled, kind, origin: self.at(entry.key_span) }
    }

    /// What another template puts where a parameter looks its value up in the parameter store.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
    pub(crate) fn stored_default(&self, name: &str) -> Option<Text> {
        self.parameters.get(name).filter(|parameter| parameter.kind.starts_with("AWS::SSM::Parameter::Value"))?;
        self.stored(self.root.path(&["Parameters", name, "Default"])?.as_str()?)
    }

    /// Whether there is a parameter of this name.
    pub(crate) fn has_parameter(&self, name: &str) -> bool {
        self.parameters.contains_key(name)
    }

    /// The default of a parameter, as a string.
    pub(crate) fn parameter_default(&self, name: &str) -> Option<Text> {
        self.parameters.get(name.strip_prefix(self.prefix.as_str())?)?.default.clone()
    }

    /// A logical id as the whole stack knows it.
    pub(crate) fn qualified(&self, id: &str) -> SmolStr {
        if self.prefix.is_empty() { id.into() } else { [self.prefix.as_str(), id].concat().into() }
    }

    /// A place in the template.
    pub(crate) fn at(&self, span: Span) -> Location {
        self.places.locate(span).unwrap_or_else(|| Location::new(&self.file, span))
    }

    /// A relative path of the template, as it can be opened.
    pub(crate) fn join(&self, path: &str) -> PathBuf {
        clean(&self.folder.join(path.strip_prefix("file://").unwrap_or(path)))
    }

    /// Remembers something that could not be read.
    pub(crate) fn note(&self, span: Span, message: impl Into<String>) {
        let note = Note::at(NoteKind::Template, self.at(span), message);
        self.notes.borrow_mut().push(note);
    }

    /// Remembers something worth saying that is no doubt about permissions.
    pub(crate) fn remark(&self, span: Span, message: impl Into<String>) {
        let note = Note::at(NoteKind::Info, self.at(span), message);
        self.notes.borrow_mut().push(note);
    }

    /// Takes the notes so far.
    pub(crate) fn take_notes(&self) -> Vec<Note> {
        std::mem::take(&mut self.notes.borrow_mut())
    }
}

/// Whether a template names SAM's transform, or uses its types without (fragments do).
fn is_sam(root: &Node) -> bool {
    let named = root
        .get("Transform")
        .is_some_and(|node| node.items().iter().any(|item| item.as_str() == Some("AWS::Serverless-2016-10-31")));
    named
        || root.get("Resources").is_some_and(|node| {
            let mut kinds = node.entries().iter().filter_map(|entry| entry.value.get("Type")?.as_str());
            kinds.any(|kind| kind.starts_with("AWS::Serverless::"))
        })
}
