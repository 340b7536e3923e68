//! Colours for people at a terminal.

use anstyle::{AnsiColor, Style};

use crate::diagnostic::Severity;

/// Colours, or none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Styles {
    error: Style,
    warning: Style,
    note: Style,
    /// For line numbers, bars and further places.
    pub(super) accent: Style,
    /// For the message.
    pub(super) strong: Style,
}

impl Styles {
    /// Plain text.
    #[must_use]
    pub fn plain() -> Self {
        Self::default()
    }

    /// For terminals.
    #[must_use]
    pub fn coloured() -> Self {
        let bold = |colour: AnsiColor| colour.on_default().bold();
        Self {
            error: bold(AnsiColor::Red),
            warning: bold(AnsiColor::Yellow),
            note: bold(AnsiColor::Cyan),
            accent: bold(AnsiColor::Blue),
            strong: Style::new().bold(),
        }
    }

    /// The style of a severity.
    #[must_use]
    pub fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Error => self.error,
            Severity::Warning => self.warning,
            Severity::Note => self.note,
        }
    }
}
