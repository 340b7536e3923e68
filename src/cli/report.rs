//! Findings to standard output and to files, with a summary.

use std::io::{BufWriter, Write};
use std::path::Path;

use demarche::diagnostic::{Counted, MadeEdit};
use demarche::report::Styles;
use demarche::report::{Constraint, FORMATS, Format, Out, Report, View, format, format_of_file};
use demarche::workspace::Workspace;
use demarche::{Diagnostic, Fault};

use super::{Global, is_closed, stdout_fault};
use crate::host;

/// Writes to standard output.
pub(super) fn print(bytes: &[u8]) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(stdout_fault)
}

/// What was checked, for the summary.
#[derive(Default)]
pub(super) struct Summary<'a> {
    /// Findings of which there are too many to list.
    pub omitted: Counted,
    /// Findings that weren't asked for.
    pub elsewhere: Counted,
    /// (table, records)
    pub counts: &'a [(&'a str, u64)],
    /// The constraints and expectations.
    pub constraints: &'a [Constraint<'a>],
    /// Further lines for people.
    pub lines: &'a [String],
    /// The edits that were made, or would be, if anybody asked for some.
    pub edits: Option<&'a [MadeEdit]>,
    /// The release's directory, if one was written.
    pub release: Option<&'a str>,
}

/// A file that gets a report.
#[derive(Clone)]
pub(super) struct Output {
    format: &'static Format,
    path: String,
}

/// Reads `[FORMAT=]FILE`.
pub(super) fn output(text: &str) -> Result<Output, String> {
    if let Some((name, path)) = text.split_once('=')
        && let Some(format) = format(name)
        && !path.is_empty()
    {
        return Ok(Output { format, path: path.to_owned() });
    }
    match format_of_file(text) {
        Some(format) => Ok(Output { format, path: text.to_owned() }),
        None => {
            let endings = FORMATS.iter().flat_map(|format| format.endings).copied();
            let names = FORMATS.iter().map(|format| format.name);
            Err(format!(
                "the ending tells no format: end it in {}, or write FORMAT=FILE with {}",
                demarche::diagnostic::one_of(endings),
                demarche::diagnostic::one_of(names)
            ))
        }
    }
}

/// Writes findings and summary, to standard output last.
pub(super) fn report(
    global: &Global,
    workspace: &Workspace,
    diagnostics: &[Diagnostic],
    summary: &Summary<'_>,
) -> Result<(), Fault> {
    let view = View { styles: Styles::plain(), limit: global.limit, quiet: global.quiet };
    let directory = directory(&global.project);
    let codes = demarche::rules::all_codes();
    let report = Report {
        codes: &codes,
        workspace,
        diagnostics,
        omitted: &summary.omitted,
        elsewhere: &summary.elsewhere,
        records: summary.counts,
        constraints: summary.constraints,
        release: summary.release,
        lines: summary.lines,
        edits: summary.edits,
        directory: &directory,
        view,
    };
    // One that can't be written doesn't keep the others from being written.
    let mut told = Ok(());
    for Output { format, path } in &global.output {
        let written = host::stay_inside(&global.project, Path::new(path))
            .and_then(|()| clean_beside(path))
            .and_then(|()| {
                host::write_file(Path::new(path), |file| {
                    (format.write)(&report, &mut Out::new(path, file))
                })
            });
        told = first_fault(told, written);
    }
    let styles = if global.coloured() { Styles::coloured() } else { Styles::plain() };
    let report = Report { view: View { styles, ..view }, ..report };
    let mut stdout = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let written =
        (global.message_format.write)(&report, &mut Out::new("standard output", &mut stdout))
            .and_then(|()| stdout.flush().map_err(stdout_fault));
    first_fault(told, written)
}

/// Removes what runs have left beside a file that were killed while they wrote it.
fn clean_beside(path: &str) -> Result<(), Fault> {
    let parent = Path::new(path).parent().filter(|parent| !parent.as_os_str().is_empty());
    host::clean(parent.unwrap_or_else(|| Path::new("."))).map(drop)
}

/// The fault that matters: the first one that isn't a closed reader.
fn first_fault(before: Result<(), Fault>, after: Result<(), Fault>) -> Result<(), Fault> {
    match before {
        Err(fault) if !is_closed(&fault) => Err(fault),
        closed => after.and(closed),
    }
}

/// What stands before the project's paths to make them paths from the current directory.
fn directory(project: &Path) -> String {
    let text = project.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let text = text.strip_prefix("./").unwrap_or(&text).trim_end_matches('/');
    match text {
        "." => String::new(),
        // Only the root is nothing but slashes.
        _ => format!("{text}/"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{directory, output};

    #[test]
    fn the_ending_or_a_name_tells_the_format() {
        let told = |text| output(text).map(|output| (output.format.name, output.path));
        assert_eq!(told("a/b.SARIF"), Ok(("sarif", "a/b.SARIF".to_owned())));
        assert_eq!(told("json=b.log"), Ok(("json", "b.log".to_owned())));
        assert_eq!(told("x=y.xml"), Ok(("junit", "x=y.xml".to_owned())));
        assert!(told("report").is_err_and(|message| message.contains("FORMAT=FILE")));
    }

    #[test]
    fn paths_begin_with_the_directory_as_given() {
        assert_eq!(directory(Path::new(".")), "");
        assert_eq!(directory(Path::new("./data/")), "data/");
        assert_eq!(directory(Path::new("../x")), "../x/");
        assert_eq!(directory(Path::new("/")), "/");
    }
}
