//! T001: white space where it can't be meant.

use super::{Check, Prefilter, Rule, TextAt};
use crate::diagnostic::{Certainty, Code, Diagnostic, Edit, Fix, Severity, quote};
use crate::parse::spelling::block_header;
use crate::workspace::Format;

/// White space around a text.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "T001",
        name: "stray-whitespace",
        severity: Severity::Warning,
        since: "0.1.0",
        summary: "Text begins or ends with white space.",
        explanation: "\
Two texts that differ only in white space look alike and don't merge. Spreadsheets and copied web \
pages leave spaces, line ends and no-break spaces (U+00A0) around a value.",
        ..Code::OF_RULE
    },
    check: Check::Text(Prefilter::Edges, check),
};

fn check(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let trimmed = at.text.trim();
    if trimmed.len() == at.text.len() {
        return;
    }
    let before = at.text.len() - at.text.trim_start().len();
    let (stray, side) =
        if before > 0 { (0..before, "begins") } else { (trimmed.len()..at.text.len(), "ends") };
    let space = at.text[stray.clone()].chars().next().map_or_else(String::new, name);
    let message = if trimmed.is_empty() {
        format!("{} is nothing but white space", at.subject())
    } else {
        format!("{} {side} with {space}: {}", at.subject(), quote(trimmed))
    };
    let quoted = at.value.literal().is_none_or(|literal| literal.starts_with(['"', '\'']));
    let block = at.text.ends_with('\n') && !quoted;
    // The blank may be all that says that a separator stands inside an item.
    let item = at.value.format() == Format::Csv
        && at.scalar.is_some_and(|scalar| scalar.separator.is_some());
    let mut diagnostic = Diagnostic::new(RULE.code, at.place_of(stray), message).help(if item {
        "remove it, or quote the item inside its cell if the separator belongs to it"
    } else if block {
        "begin the block with `|-` or `>-`, which leave out the last line break"
    } else {
        "remove it: texts that differ only in white space don't merge"
    });
    if item {
        diagnostics.push(diagnostic);
        return;
    }
    diagnostic.fix =
        at.rewrite(Certainty::Certain, "trim it", trimmed).or_else(|| chomp(at, trimmed));
    diagnostics.push(diagnostic);
}

/// A YAML block of text that keeps its last line end, where nothing else is stray: its header can
/// say that it doesn't.
fn chomp(at: &TextAt<'_>, trimmed: &str) -> Option<Fix> {
    if trimmed.is_empty() || at.text.trim_end_matches('\n') != trimmed || at.identifies() {
        return None;
    }
    let header = block_header(at.value)?;
    let indent = &header.text[1..].trim_matches(['+', '-']);
    let mut place = at.place();
    let replacement = format!("{}{indent}-", &header.text[..1]);
    place.span = header.span;
    let edits = vec![Edit { place, replacement }];
    let title = "leave out the last line end".to_owned();
    Some(Fix { title, certainty: Certainty::Certain, edits })
}

fn name(space: char) -> String {
    match space {
        ' ' => "a space".to_owned(),
        '\t' => "a tab".to_owned(),
        '\n' | '\r' => "a line break".to_owned(),
        '\u{a0}' => "a no-break space (U+00A0)".to_owned(),
        other => format!("the white space U+{:04X}", u32::from(other)),
    }
}
