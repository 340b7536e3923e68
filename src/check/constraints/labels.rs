//! What people call the numbers that are codes.

use super::Checked;
use super::shown::Shown;
use crate::model::{Codes, Item, Kind, Scalar, Shape, Table};
use crate::pointer;
use crate::tape::{Tag, Value};

impl<'a, 't> Checked<'a, 't> {
    /// A number as it is shown, with its label if it is a code: "`2` (United States)".
    pub(super) fn labelled(&self, shown: String, value: Value<'t>, named: Option<usize>) -> String {
        if value.tag() == Tag::Integer {
            with_label(shown, self.codes(value, named))
        } else {
            shown
        }
    }

    /// Adds labels to constants that are compared with codes.
    pub(super) fn with_labels(&self, mut operands: Vec<Shown<'t>>) -> Vec<Shown<'t>> {
        let codes = operands.iter().find_map(|operand| self.codes_of(operand));
        for operand in operands.iter_mut().filter(|operand| operand.is_constant) {
            operand.noun = with_label(std::mem::take(&mut operand.noun), codes);
        }
        operands
    }

    /// The codes that an operand is one of, if it is an integer.
    pub(super) fn codes_of(&self, operand: &Shown<'t>) -> Option<&'a Codes> {
        let [part] = operand.parts.as_slice() else { return None };
        let is_itself = operand.noun == part.noun && part.value.tag() == Tag::Integer;
        is_itself.then(|| self.codes(part.value, part.named)).flatten()
    }

    /// The codes that the schema has at the place of a value.
    fn codes(&self, value: Value<'t>, named: Option<usize>) -> Option<&'a Codes> {
        match named {
            None => codes_at(self.table, &self.finder.pointer_to(value)),
            Some(number) => {
                let named = self.named.get(number)?.as_ref()?;
                codes_at(named.table, &named.record.pointer_to(value))
            }
        }
    }
}

/// A code in backticks, with its label behind.
pub(super) fn with_label(shown: String, codes: Option<&Codes>) -> String {
    match codes.and_then(|codes| codes.label_of(shown.trim_matches('`'))) {
        Some(label) => format!("{shown} ({label})"),
        None => shown,
    }
}

fn codes_at<'m>(table: &'m Table, at: &str) -> Option<&'m Codes> {
    let mut level = &table.level;
    let Item::Object(object) = &level.item else { return None };
    let mut object = object;
    let mut names = pointer::tokens(at);
    loop {
        let name = names.next()?;
        let field = object.fields.iter().find(|field| field.name == name)?;
        match &field.shape {
            Shape::Scalar { scalar, .. } => return integer_codes(scalar),
            Shape::Group(group) => object = group,
            Shape::Languages(_) => return None,
            Shape::List { list, .. } => {
                level = &level.lists[*list];
                let _position = names.next()?;
                match &level.item {
                    Item::Object(item) => object = item,
                    Item::Scalar(scalar) => return integer_codes(scalar),
                }
            }
        }
    }
}

fn integer_codes(scalar: &Scalar) -> Option<&Codes> {
    if let Kind::IntegerCode { codes, .. } = &scalar.kind { Some(codes) } else { None }
}
