//! The `overstay` command.

fn main() {}
