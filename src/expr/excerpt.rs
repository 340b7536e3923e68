//! Which values of a record the expressions of other records look at.

use super::types::Property;

/// Some values of an object: those that expressions look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The properties, with what of them; none for all that is inside.
    pub members: Vec<(Property, Option<Excerpt>)>,
}

impl Excerpt {
    /// Adds the value at a path, with all that is inside.
    pub fn add(&mut self, path: &[Property]) {
        let Some((last, before)) = path.split_last() else { return };
        if let Some(object) = self.object(before) {
            match object.members.iter_mut().find(|(known, _)| known == last) {
                Some((_, inside)) => *inside = None,
                None => object.members.push((last.clone(), None)),
            }
        }
    }

    /// The object at a path, which is added; none if all of it is there anyway.
    pub fn object(&mut self, path: &[Property]) -> Option<&mut Excerpt> {
        let Some((first, rest)) = path.split_first() else { return Some(self) };
        let number = match self.members.iter().position(|(known, _)| known == first) {
            Some(number) => number,
            None => {
                self.members.push((first.clone(), Some(Self::default())));
                self.members.len() - 1
            }
        };
        self.members[number].1.as_mut()?.object(rest)
    }

    /// What of a property belongs to it: nothing, or all or some of what is inside.
    #[must_use]
    pub fn member(&self, number: u32, name: &str) -> Option<Option<&Excerpt>> {
        let is_it = |known: &Property| known.number == number && known.name == name;
        let found = self.members.iter().find(|(known, _)| is_it(known))?;
        Some(found.1.as_ref())
    }

    /// Whether it has nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{Excerpt, Property};

    #[test]
    fn what_is_whole_stays_whole() {
        let path = |names: &str| -> Vec<Property> {
            let names = names.split('.').enumerate();
            let property = |(number, name): (usize, &str)| Property {
                number: u32::try_from(number).expect("few"),
                name: name.to_owned(),
            };
            names.map(property).collect()
        };
        let mut excerpt = Excerpt::default();
        excerpt.add(&path("a.b"));
        excerpt.add(&path("a.c"));
        let a = excerpt.member(0, "a").expect("it is there").expect("in part");
        assert_eq!(a.members.len(), 2);
        excerpt.add(&path("a"));
        assert_eq!(excerpt.member(0, "a"), Some(None));
        excerpt.add(&path("a.d"));
        assert_eq!(excerpt.member(0, "a"), Some(None));
        assert_eq!(excerpt.member(0, "b"), None);
    }
}
