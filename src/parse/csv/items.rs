//! The items of a list that stands in one cell.
//!
//! An item that begins with a quotation mark ends at the next one that stands alone; two of them are
//! one of its text. So an item may hold the separator. In the file, where the whole cell is quoted,
//! each mark is doubled: `"""tanks, old"",planes"`.

use std::borrow::Cow;

/// One item.
#[derive(Debug)]
pub struct Item<'t> {
    /// What it says.
    pub text: Cow<'t, str>,
    /// Whether it stands in quotation marks.
    pub quoted: bool,
}

/// The items of a cell's text; none where a mark isn't closed, or text follows one that is.
pub fn split<'t>(mut text: &'t str, separator: &str) -> Option<Vec<Item<'t>>> {
    let mut items = Vec::new();
    loop {
        let (item, rest) = match text.strip_prefix('"') {
            Some(inside) => {
                let (item, rest) = quoted(inside)?;
                let rest = match rest {
                    "" => None,
                    rest => Some(rest.strip_prefix(separator)?),
                };
                (Item { text: item, quoted: true }, rest)
            }
            None => match text.split_once(separator) {
                Some((item, rest)) => (Item { text: item.into(), quoted: false }, Some(rest)),
                None => (Item { text: text.into(), quoted: false }, None),
            },
        };
        items.push(item);
        match rest {
            Some(rest) => text = rest,
            None => return Some(items),
        }
    }
}

/// The item whose opening mark was read, and what follows the closing one.
fn quoted(inside: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut from = 0;
    loop {
        let mark = from + inside[from..].find('"')?;
        if !inside[mark + 1..].starts_with('"') {
            let item = &inside[..mark];
            let item = if from > 0 { item.replace("\"\"", "\"").into() } else { item.into() };
            return Some((item, &inside[mark + 1..]));
        }
        from = mark + 2;
    }
}

/// Items that a separator between brackets tells apart, put together again; none if all brackets are
/// closed in the item that opens them.
pub fn between_brackets<'i>(
    items: impl Iterator<Item = &'i str>,
    separator: &str,
) -> Option<String> {
    let open = |text: &str| {
        let count = |bracket: char| text.matches(bracket).count();
        (count('(') + count('[')).cmp(&(count(')') + count(']')))
    };
    let mut whole: Option<String> = None;
    for item in items {
        match &mut whole {
            None if open(item).is_gt() => whole = Some(item.to_owned()),
            None => {}
            Some(whole) => {
                whole.push_str(separator);
                whole.push_str(item);
                if open(item).is_lt() {
                    return Some(std::mem::take(whole));
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{between_brackets, split};

    #[test]
    fn items_may_be_quoted() {
        for (text, items) in [
            ("a;b", Some(vec!["a", "b"])),
            ("a;", Some(vec!["a", ""])),
            ("\"a;b\";c", Some(vec!["a;b", "c"])),
            ("\"a \"\"b\"\"\";\"\"", Some(vec!["a \"b\"", ""])),
            ("5\" gun;a \"b\"", Some(vec!["5\" gun", "a \"b\""])),
            ("\"a;b", None),
            ("\"a\" b;c", None),
        ] {
            let found = split(text, ";");
            let found = found.as_ref().map(|it| it.iter().map(|it| &*it.text).collect());
            assert_eq!(found, items, "{text}");
        }
    }

    #[test]
    fn brackets_say_that_a_separator_is_text() {
        let found = |text: &str| between_brackets(text.split(','), ",");
        assert_eq!(found("x,Navy (a, b, c),d").as_deref(), Some("Navy (a, b, c)"));
        assert_eq!(found("a (b),c [d]"), None);
        assert_eq!(found("a (b,c"), None);
        assert_eq!(found("a),b (c"), None);
    }

    proptest! {
        #[test]
        fn quoted_items_come_back(items in prop::collection::vec("[a\"; ]{0,5}", 1..5)) {
            let quote = |item: &String| format!("\"{}\"", item.replace('"', "\"\""));
            let text = items.iter().map(quote).collect::<Vec<_>>().join(";");
            let found = split(&text, ";").expect("all are closed");
            let found: Vec<_> = found.into_iter().map(|item| item.text.into_owned()).collect();
            prop_assert_eq!(found, items);
        }
    }
}
