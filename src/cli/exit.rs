//! Exit codes, the same for every command and output format.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: clean and complete.
    Clean,
    /// 1: findings at or above `--fail-on`, whether or not the run was complete.
    Findings,
    /// 2: usage, configuration or fatal error.
    Error,
    /// 3: something asked for was not examined, or nothing was.
    Incomplete,
}

impl From<Exit> for u8 {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Error => 2,
            Exit::Incomplete => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(u8::from(exit))
    }
}
