//! The types of the model, as expressions see them.

use std::sync::Arc;

use crate::expr::types::{CodeSet, ObjectType, Property, Refers, Type, ValueKind, ValueType};
use crate::model::kind::{Class, DateForm};
use crate::model::{Codes, Item, Kind, Level, Object, Scalar, Shape, Table, Target};
use crate::tape::Names;

impl CodeSet for Codes {
    fn has(&self, code: &str) -> bool {
        self.position(code).is_some()
    }

    fn all(&self) -> Vec<&str> {
        self.values.iter().map(String::as_str).collect()
    }

    fn name(&self) -> Option<&str> {
        self.list.as_deref()
    }
}

/// The type of a table's records.
pub(in crate::model::compile) fn record_type(table: &Table, names: &Names) -> Arc<ObjectType> {
    match &table.level.item {
        Item::Object(object) => object_type(&table.level, object, names),
        Item::Scalar(_) => Arc::default(),
    }
}

fn object_type(level: &Level, object: &Object, names: &Names) -> Arc<ObjectType> {
    let mut members = Vec::new();
    for field in &object.fields {
        let ty = match &field.shape {
            Shape::Scalar { scalar, .. } => Type::Value(value_type(scalar)),
            Shape::Group(group) => Type::Object(object_type(level, group, names)),
            Shape::Languages(tags) => {
                let text = |(tag, _): &(String, usize)| {
                    let property = Property { number: names.number(tag), name: tag.clone() };
                    (property, Type::Value(ValueType::new(ValueKind::Text)))
                };
                Type::Object(Arc::new(ObjectType { members: tags.iter().map(text).collect() }))
            }
            Shape::List { list, .. } => {
                let level = &level.lists[*list];
                Type::List(Arc::new(match &level.item {
                    Item::Object(object) => Type::Object(object_type(level, object, names)),
                    Item::Scalar(scalar) => Type::Value(value_type(scalar)),
                }))
            }
        };
        members.push((Property { name: field.name.clone(), number: field.number }, ty));
    }
    for date in &object.dates {
        let property = Property { name: date.name.clone(), number: names.number(&date.name) };
        let kind = ValueKind::Composed(Arc::new(date.parts.clone()));
        members.push((property, Type::Value(ValueType::new(kind))));
    }
    Arc::new(ObjectType { members })
}

fn value_type(scalar: &Scalar) -> ValueType {
    let refers = match (&scalar.target, &scalar.reference) {
        (Some(Target::Key(table)), _) => Refers::To(*table),
        (Some(Target::Unique(_)), _) => Refers::Elsewhere(
            "this value names a record by another value than its key, which `ref` can't follow"
                .to_owned(),
        ),
        (Some(Target::Union(_)), _) => Refers::Elsewhere(
            "this value may name records of several tables, which `ref` can't tell apart"
                .to_owned(),
        ),
        (None, _) => Refers::Nowhere,
    };
    let codes = |codes: &Arc<Codes>| -> Arc<dyn CodeSet> { codes.clone() };
    let kind = match (&scalar.kind, scalar.kind.class()) {
        (Kind::Code(of), _) => ValueKind::Name(Some(codes(of))),
        (Kind::IntegerCode { codes: of, .. }, _) => ValueKind::NumberName(Some(codes(of))),
        (_, Class::Integer) if refers != Refers::Nowhere => ValueKind::NumberName(None),
        (_, Class::Text | Class::Address | Class::Date(DateForm::Edtf | DateForm::Day))
            if refers != Refers::Nowhere =>
        {
            ValueKind::Name(None)
        }
        (_, Class::Boolean) => ValueKind::Boolean,
        (_, Class::Integer | Class::Number) => ValueKind::Number,
        (Kind::Decimal { is_text: true, .. }, _) => ValueKind::SpeltNumber,
        (_, Class::Decimal) => ValueKind::Number,
        (_, Class::Date(DateForm::Year)) => ValueKind::Year,
        (_, Class::Date(form)) => ValueKind::Date(form),
        (_, Class::Text | Class::Address | Class::Time | Class::Code) => ValueKind::Text,
    };
    ValueType { kind, refers }
}
