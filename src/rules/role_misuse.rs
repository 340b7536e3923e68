//! Roles that mean something only beside others, and stand alone.

use super::Roles;
use super::roles::Step;
use crate::diagnostic::{Diagnostic, code};
use crate::model::{Field, Item, Model, Role, Shape, Table};

/// Reports the roles of schemas that no rule can make sense of where they stand.
pub fn check_roles(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for table in &model.tables {
        for (steps, role, why) in &Roles::of(table).together.misused {
            let Some(field) = field_at(table, steps) else { continue };
            let (name, _) = Role::ALL.into_iter().find(|(_, other)| other == role).expect("a role");
            let message = format!("`{}` has the role `{name}`, but {why}", field.name);
            let help = match role {
                Role::SpellOf => {
                    "a spell is an object with one `start` and one `end`; what it is of stands \
                     beside them"
                }
                Role::Side => "a pair has two sides, which stand in one object",
                _ => {
                    "what `determines` and what is `determined` stand in one object, or the latter \
                     in a group of it"
                }
            };
            diagnostics.push(
                Diagnostic::new(&code::MISUSED_ANNOTATION, field.place.clone(), message).help(help),
            );
        }
    }
}

/// The property at the end of some steps; of an item, its list.
fn field_at<'m>(table: &'m Table, steps: &[Step]) -> Option<&'m Field> {
    let mut level = &table.level;
    let Item::Object(record) = &level.item else { return None };
    let mut object = record;
    let mut found = None;
    for step in steps {
        let Step::Property(name, _) = step else { continue };
        let field = object.field(name)?;
        found = Some(field);
        match &field.shape {
            Shape::Group(group) => object = group,
            Shape::List { list, .. } => {
                level = &level.lists[*list];
                if let Item::Object(item) = &level.item {
                    object = item;
                }
            }
            Shape::Scalar { .. } | Shape::Languages(_) => {}
        }
    }
    found
}
