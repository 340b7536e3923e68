//! Names of columns by pattern.

/// A name in which `*` stands for any text, and `?` for one character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wildcard(String);

impl Wildcard {
    /// Reads a pattern: every text is one.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands for more than itself.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.contains(['*', '?'])
    }

    /// Whether it matches a name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let (pattern, name): (Vec<_>, Vec<_>) = (self.0.chars().collect(), name.chars().collect());
        let (mut at, mut from) = (0, 0);
        // Where the last `*` stands, and what it takes up to.
        let mut open: Option<(usize, usize)> = None;
        while from < name.len() {
            match pattern.get(at) {
                Some('*') => {
                    open = Some((at, from));
                    at += 1;
                }
                Some(&character) if character == '?' || character == name[from] => {
                    at += 1;
                    from += 1;
                }
                Some(_) | None => {
                    let Some((star, taken)) = open else { return false };
                    open = Some((star, taken + 1));
                    at = star + 1;
                    from = taken + 1;
                }
            }
        }
        pattern[at..].iter().all(|character| *character == '*')
    }

    /// What its only `*` stands for in a name; none if it doesn't match.
    #[must_use]
    pub fn inside<'n>(&self, name: &'n str) -> Option<&'n str> {
        let (before, after) = self.0.split_once('*')?;
        name.strip_prefix(before)?.strip_suffix(after)
    }
}

#[cfg(test)]
mod tests {
    use super::Wildcard;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, name, matches) in [
            ("notes*", "notes", true),
            ("notes*", "notes_2", true),
            ("notes*", "my notes", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("X?", "X1", true),
            ("X?", "X", false),
            ("X?", "X12", false),
            ("", "", true),
            ("", "x", false),
            ("[a]", "[a]", true),
            ("*", "é", true),
            ("?", "é", true),
        ] {
            assert_eq!(Wildcard::new(pattern).matches(name), matches, "{pattern} {name}");
        }
    }

    #[test]
    fn what_a_star_stands_for() {
        assert_eq!(Wildcard::new("State*").inside("StateAM"), Some("AM"));
        assert_eq!(Wildcard::new("p*_role").inside("p12_role"), Some("12"));
        assert_eq!(Wildcard::new("ab*ba").inside("aba"), None);
        assert_eq!(Wildcard::new("State").inside("State"), None);
    }
}
