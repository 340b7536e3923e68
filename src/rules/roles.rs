//! Where in a record the values of a role stand.

use crate::model::{Item, Kind, Level, Object, Role, Scalar, Shape, Table};
use crate::pointer;
use crate::tape::Value;

/// The roles of one table.
#[derive(Debug, Default)]
pub struct Roles {
    places: Vec<RolePlace>,
}

/// Where the values of one role stand.
#[derive(Debug)]
struct RolePlace {
    role: Role,
    kind: Kind,
    /// The table that the values refer to.
    reference: Option<String>,
    /// From the record to the value.
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Property(String),
    EachItem,
}

/// A value of a role.
#[derive(Clone, Debug)]
pub struct Found<'t, 'r> {
    /// The value.
    pub value: Value<'t>,
    /// Its JSON Pointer in the record.
    pub pointer: String,
    /// The object or list that it stands in.
    pub around: Value<'t>,
    /// Its kind.
    pub kind: &'r Kind,
    steps: &'r [Step],
}

impl Found<'_, '_> {
    /// The pointer of the object or list that the value stands in.
    #[must_use]
    pub fn around_pointer(&self) -> &str {
        self.pointer.rsplit_once('/').map_or("", |(around, _)| around)
    }

    /// The place of the value.
    #[must_use]
    pub fn place(&self) -> crate::diagnostic::Place {
        crate::diagnostic::Place::of(self.value).at(self.pointer.clone())
    }

    /// How a message calls it.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("`{}`", pointer::readable(&self.pointer))
    }
}

impl Roles {
    /// The roles that a table's schema gives.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        let mut roles = Self::default();
        roles.level(&table.level, &[]);
        roles
    }

    fn level(&mut self, level: &Level, steps: &[Step]) {
        match &level.item {
            Item::Object(object) => self.object(level, object, steps),
            Item::Scalar(scalar) => self.scalar(scalar, steps.to_vec()),
        }
    }

    fn object(&mut self, level: &Level, object: &Object, steps: &[Step]) {
        for field in &object.fields {
            let steps = [steps, &[Step::Property(field.name.clone())]].concat();
            match &field.shape {
                Shape::Scalar { scalar, .. } => self.scalar(scalar, steps),
                Shape::Group(group) => self.object(level, group, &steps),
                Shape::Languages(_) => {}
                Shape::List { list, .. } => {
                    self.level(&level.lists[*list], &[&steps[..], &[Step::EachItem]].concat());
                }
            }
        }
    }

    fn scalar(&mut self, scalar: &Scalar, steps: Vec<Step>) {
        if let Some(role) = scalar.role {
            let (kind, reference) = (scalar.kind.clone(), scalar.reference.clone());
            self.places.push(RolePlace { role, kind, reference, steps });
        }
    }

    /// Whether the table has no role at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether the table has the role at all.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.places.iter().any(|place| place.role == role)
    }

    /// Whether values of the role refer to records of that table.
    #[must_use]
    pub fn refers(&self, role: Role, table: &str) -> bool {
        let target = |place: &RolePlace| place.reference.as_deref() == Some(table);
        self.places.iter().any(|place| place.role == role && target(place))
    }

    /// The values of a role in a record, in the order of the schema, then of the record.
    #[must_use]
    pub fn find<'t>(&self, role: Role, record: Value<'t>) -> Vec<Found<'t, '_>> {
        let mut found = Vec::new();
        for place in self.places.iter().filter(|place| place.role == role) {
            follow(place, &place.steps, record, record, String::new(), &mut found);
        }
        found
    }

    /// The objects of a record that can have a value of the role.
    #[must_use]
    pub fn objects<'t>(&self, role: Role, record: Value<'t>) -> Vec<Value<'t>> {
        let mut found = Vec::new();
        for place in self.places.iter().filter(|place| place.role == role) {
            let parents = &place.steps[..place.steps.len().saturating_sub(1)];
            follow(place, parents, record, record, String::new(), &mut found);
        }
        found.iter().map(|found| found.value).collect()
    }

    /// The value of a role in the same object as another value.
    #[must_use]
    pub fn beside<'t>(&self, role: Role, other: &Found<'t, '_>) -> Option<Found<'t, '_>> {
        let (_, parents) = other.steps.split_last()?;
        self.places.iter().filter(|place| place.role == role).find_map(|place| {
            let (last, before) = place.steps.split_last()?;
            let Step::Property(name) = last else { return None };
            let value = other.around.get(name).filter(|_| before == parents)?;
            Some(Found {
                value,
                pointer: pointer::join(other.around_pointer(), name),
                around: other.around,
                kind: &place.kind,
                steps: &place.steps,
            })
        })
    }
}

fn follow<'t, 'r>(
    place: &'r RolePlace,
    steps: &[Step],
    value: Value<'t>,
    around: Value<'t>,
    pointer: String,
    found: &mut Vec<Found<'t, 'r>>,
) {
    match steps.split_first() {
        None => {
            found.push(Found { value, pointer, around, kind: &place.kind, steps: &place.steps })
        }
        Some((Step::Property(name), rest)) => {
            if let Some(child) = value.get(name) {
                follow(place, rest, child, value, pointer::join(&pointer, name), found);
            }
        }
        Some((Step::EachItem, rest)) => {
            for (index, item) in value.items().enumerate() {
                let pointer = pointer::join_index(&pointer, index);
                follow(place, rest, item, value, pointer, found);
            }
        }
    }
}
