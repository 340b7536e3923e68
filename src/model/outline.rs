//! A table as the outline of its records.

use super::kind::{Class, DateForm};
use super::{Codes, Shape, Table};
use crate::diagnostic::nearest::Words;
use crate::schema::{CodeSet, Expected, Outline, Property, Subject};

impl Outline for Table {
    fn name(&self) -> &str {
        &self.name
    }

    fn subject(&self) -> Subject {
        Subject::Record
    }

    fn properties(&self, at: &str) -> Option<Vec<&str>> {
        Some(self.object_at(at)?.fields.iter().map(|field| field.name.as_str()).collect())
    }

    fn description(&self, at: &str) -> Option<&str> {
        let description = &self.field_at(at)?.about.description;
        (!description.is_empty()).then_some(description)
    }

    fn property(&self, at: &str) -> Option<Property<'_>> {
        let field = self.field_at(at)?;
        let expected = match &field.shape {
            Shape::Scalar { scalar, .. } => match (scalar.kind.codes(), scalar.kind.class()) {
                (Some(codes), _) => Expected::Codes(&**codes),
                // Of an integer the type says what to write.
                (None, Class::Date(DateForm::Year)) => Expected::Other,
                (None, Class::Date(form)) => Expected::Date(form.format()),
                (None, _) => Expected::Other,
            },
            Shape::Languages(languages) => {
                Expected::Languages(languages.iter().map(|(tag, _)| tag.as_str()).collect())
            }
            Shape::Group(_) | Shape::List { .. } => Expected::Other,
        };
        Some(Property { required: field.required, expected })
    }
}

impl CodeSet for Codes {
    fn contains(&self, text: &str) -> bool {
        self.position(text).is_some()
    }

    fn values(&self) -> &[String] {
        &self.values
    }

    fn words(&self) -> &Words {
        self.words()
    }
}
