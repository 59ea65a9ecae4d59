//! The command line: help, explanations, errors and exit codes, as transcripts in `tests/cmd`.

#[test]
fn transcripts_are_what_the_command_says() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.md")
        .env("NO_COLOR", "1")
        .env("OVERSTAY_KEY", "00112233445566778899aabbccddeeff")
        .env("OVERSTAY_CONFIG", "");
}
