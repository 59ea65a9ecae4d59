//! The `overstay` command: parse, run, exit code.

use std::process::ExitCode;

use overstay::cli::{self, Exit};

fn main() -> ExitCode {
    match run() {
        Ok(exit) => exit.into(),
        Err(error) => {
            cli::say(&sentence(&error));
            Exit::Error.into()
        }
    }
}

/// A reader that goes away, as `head` does, ends the command quietly.
fn run() -> anyhow::Result<Exit> {
    match cli::run(std::env::args_os()) {
        Err(error) if error.is_broken_pipe() => Ok(Exit::Clean),
        other => Ok(other?),
    }
}

/// The error with its causes, as far as they say anything new.
fn sentence(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
