//! Colours, where they are wanted. The only place that writes an escape sequence.

use crate::model::Severity;

/// Paints text, or leaves it alone.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    colour: bool,
}

impl Paint {
    /// Paints if `colour`.
    pub fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// Headings.
    pub fn bold(self, text: &str) -> String {
        self.code("1", text)
    }

    /// Labels and asides.
    pub fn dim(self, text: &str) -> String {
        self.code("2", text)
    }

    /// Something to type.
    pub fn command(self, text: &str) -> String {
        self.code("1;36", text)
    }

    /// Something that is missing.
    pub fn warning(self, text: &str) -> String {
        self.code("33", text)
    }

    /// All is well.
    pub fn good(self, text: &str) -> String {
        self.code("32", text)
    }

    /// In the colour of the severity.
    pub fn severity(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Critical => "1;31",
            Severity::High => "31",
            Severity::Medium => "33",
            Severity::Low => "36",
            Severity::Info => "2",
        };
        self.code(code, text)
    }

    /// Black on the severity's colour; brackets where there are no colours.
    pub fn badge(self, severity: Severity) -> String {
        let name = severity.name().to_uppercase();
        let code = match severity {
            Severity::Critical => "1;97;41",
            Severity::High => "30;41",
            Severity::Medium => "30;43",
            Severity::Low => "30;46",
            Severity::Info => "7",
        };
        if self.colour { self.code(code, &format!(" {name} ")) } else { format!("[{name}]") }
    }

    fn code(self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
