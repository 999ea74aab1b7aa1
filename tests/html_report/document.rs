//! A page as a browser's parser sees it, flattened: elements in their order, each with what it stands in.

use std::collections::BTreeMap;

use html5ever::tendril::TendrilSink as _;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// Of all that it holds.
    pub(crate) text: String,
    /// What it stands in.
    within: Option<usize>,
}

pub(crate) struct Document {
    pub(crate) elements: Vec<Element>,
}

impl Element {
    pub(crate) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }
}

impl Document {
    /// Parses a page that has no fault.
    #[track_caller]
    pub(crate) fn parse(page: &str) -> Self {
        let dom = parse_document(RcDom::default(), ParseOpts::default()).one(page);
        let errors = dom.errors.borrow();
        assert!(errors.is_empty(), "{errors:?}");
        let mut document = Self {
            elements: Vec::new(),
        };
        document.gather(&dom.document, None);
        document
    }

    fn gather(&mut self, node: &Handle, within: Option<usize>) {
        let mut here = within;
        match &node.data {
            NodeData::Element { name, attrs, .. } => {
                let attributes = attrs.borrow();
                let attributes = attributes
                    .iter()
                    .map(|one| (one.name.local.to_string(), one.value.to_string()));
                here = Some(self.elements.len());
                self.elements.push(Element {
                    name: name.local.to_string(),
                    attributes: attributes.collect(),
                    text: String::new(),
                    within,
                });
            }
            NodeData::Text { contents } => {
                let mut at = within;
                while let Some(element) = at.and_then(|at| self.elements.get_mut(at)) {
                    element.text.push_str(&contents.borrow());
                    at = element.within;
                }
            }
            NodeData::Document
            | NodeData::Doctype { .. }
            | NodeData::Comment { .. }
            | NodeData::ProcessingInstruction { .. } => {}
        }
        for child in node.children.borrow().iter() {
            self.gather(child, here);
        }
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |one| one.name == name)
    }

    /// Elements of this name inside `outer`, at any depth.
    pub(crate) fn inside<'a>(
        &'a self,
        outer: &'a Element,
        name: &'a str,
    ) -> impl Iterator<Item = &'a Element> {
        self.all(name)
            .filter(move |one| self.around(one).any(|around| std::ptr::eq(around, outer)))
    }

    /// What an element stands in, from the nearest on.
    pub(crate) fn around<'a>(&'a self, element: &'a Element) -> impl Iterator<Item = &'a Element> {
        let outer = |one: &&Element| one.within.map(|at| &self.elements[at]);
        std::iter::successors(outer(&element), move |one| outer(one))
    }
}
