//! Keys that are made from other things: what a template of the manifest may name.

use super::Compiler;
use super::scope::Contents;
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, code, one_of, quote};
use crate::manifest::TableDeclaration;
use crate::manifest::template::{Part, Template};
use crate::model::kind::{Class, DateForm};
use crate::model::{Field, KeyPart, MadeKey, Object, Shape};

impl Compiler<'_> {
    /// How the key of a table is made, if it is. Its property needn't be required, but every record has it.
    pub(super) fn made_key(
        &mut self,
        declaration: &TableDeclaration,
        object: &mut Object,
        contents: &mut Contents,
    ) -> Option<MadeKey> {
        let template = declaration.key_from.as_ref()?;
        let [property] = declaration.key.as_slice() else {
            unreachable!("a key with a template is one property");
        };
        // One that isn't there is reported with the other keys.
        let own = object.fields.iter().position(|field| field.name == *property)?;
        let unusable = |message: String| {
            Diagnostic::new(&code::UNUSABLE_TEMPLATE, template.place.clone(), message)
        };
        // What holds more than one value is no key, which is reported with the others.
        let Shape::Scalar { scalar, column } = &object.fields[own].shape else { return None };
        let (is_text, column) = (scalar.kind.class() == Class::Text, *column);
        object.fields[own].required = true;
        contents.columns[column].nullable = false;
        if !is_text {
            let place = object.fields[own].place.clone();
            self.found.push(
                unusable(format!("`{property}` is no text, so no key can be made for it"))
                    .with(place, "this property")
                    .help("let it be text, or leave `from` out"),
            );
            return None;
        }
        let mut parts = Vec::new();
        for part in &template.parts {
            parts.push(match part {
                Part::Text(text) => KeyPart::Text(text.clone()),
                Part::Stem => KeyPart::Stem,
                Part::Content => KeyPart::Content,
                Part::Property(path) => match value(object, own, path, template) {
                    Ok((at, column)) => {
                        KeyPart::Value { at, is_certain: !contents.columns[column].nullable }
                    }
                    Err(finding) => {
                        self.found.push(*finding);
                        continue;
                    }
                },
            });
        }
        let (property, text) = (property.clone(), template.text.clone());
        (parts.len() == template.parts.len()).then_some(MadeKey { property, template: text, parts })
    }
}

/// The pointer and the column of a value that a template names.
fn value(
    object: &Object,
    own: usize,
    path: &str,
    template: &Template,
) -> Result<(String, usize), Box<Diagnostic>> {
    let unusable = |message: String, help: String| {
        let place = template.place.clone();
        Box::new(Diagnostic::new(&code::UNUSABLE_TEMPLATE, place, message).help(help))
    };
    let named = quote(&format!("{{{path}}}"));
    let mut inside = object;
    let mut steps = path.split('.').peekable();
    while let Some(step) = steps.next() {
        let Some(position) = inside.fields.iter().position(|field| field.name == step) else {
            let names = || inside.fields.iter().map(|field| field.name.as_str());
            let help = match nearest(step, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the schema has {}", one_of(names())),
            };
            let message = format!("the template names {named}, which is no property of the schema");
            return Err(unusable(message, help));
        };
        let field = &inside.fields[position];
        if field.internal {
            let message = format!("the template names {named}, which is internal");
            let help = "whoever reads a release must be able to make its keys again: name a property \
                        that is released";
            return Err(unusable(message, help.to_owned()));
        }
        if let (Shape::Group(group), true) = (&field.shape, steps.peek().is_some()) {
            inside = group;
            continue;
        }
        let is_last = steps.peek().is_none();
        let is_key = std::ptr::eq(inside, object) && position == own;
        let is_reason = inside.fields.iter().any(|other| other.reason == Some(position));
        let column = spelt_once(field).filter(|_| is_last && !is_key && !is_reason);
        let Some(column) = column else {
            let what = match (is_key, is_reason) {
                (true, _) => "the key itself",
                (_, true) => "the reason why another one is missing",
                _ => "no text, code, integer or day of the record itself",
            };
            let message = format!("the template names {named}, which is {what}");
            let help = "name a property of the record, or of an object in it: text, a code, an integer \
                        or a date";
            return Err(unusable(message, help.to_owned()));
        };
        return Ok((field.pointer.clone(), column));
    }
    unreachable!("a path has a step")
}

/// The column of a field whose equal values are spelt alike in every format.
fn spelt_once(field: &Field) -> Option<usize> {
    let Shape::Scalar { scalar, column } = &field.shape else { return None };
    let is_spelt_once = match scalar.kind.class() {
        Class::Text | Class::Address | Class::Code | Class::Integer => true,
        Class::Date(DateForm::Day | DateForm::Edtf | DateForm::Year) => true,
        Class::Date(DateForm::Instant | DateForm::Local) => false,
        Class::Boolean | Class::Number | Class::Decimal | Class::Time => false,
    };
    is_spelt_once.then_some(*column)
}
