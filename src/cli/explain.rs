//! `demarche explain`: what a code means.

use std::fmt::Write as _;

use demarche::diagnostic::nearest::nearest;
use demarche::diagnostic::quote;
use demarche::rules;

use super::report::print;
use super::{Ended, Exit, complain};

/// Explain a code of a finding, or list all codes
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  demarche explain T003\n  demarche explain mojibake\n  demarche explain"
)]
pub(super) struct Arguments {
    /// The code or name, as in findings; all are listed without it
    code: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Ended {
    let mut out = String::new();
    let Some(wanted) = &arguments.code else {
        for code in rules::all_codes() {
            let severity = code.severity.name();
            let _ = writeln!(out, "{}  {severity:7}  {:24}  {}", code.id, code.name, code.summary);
        }
        return Ended::with(Exit::Good, print(out.as_bytes()));
    };
    let found = rules::find(wanted)
        .or_else(|| rules::find(&wanted.to_ascii_uppercase()))
        .or_else(|| rules::find(&wanted.to_ascii_lowercase()));
    let Some(code) = found else {
        let codes = rules::all_codes();
        let known = codes.iter().flat_map(|code| [code.id, code.name]);
        let near = nearest(&wanted.to_ascii_uppercase(), known.clone())
            .or_else(|| nearest(wanted, known))
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        complain(&format!("error: there is no code {}{near}", quote(wanted)));
        return Exit::Unusable.into();
    };
    let (severity, group) = (code.severity.name(), code.group().title);
    let _ = writeln!(out, "{} {} ({severity})\n\n{}", code.id, code.name, code.summary);
    let _ = writeln!(out, "\n{}", code.explanation);
    let _ = writeln!(out, "\n{group}. Since {}.", code.since);
    Ended::with(Exit::Good, print(out.as_bytes()))
}
