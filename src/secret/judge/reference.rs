//! Values that are looked up elsewhere at run time.

use super::Candidate;

/// How such values begin or what they hold.
const MARKS: &str = "\
    ${ {{ }} $( #{ <% %( os.environ process.env getenv env. secrets. vault: ssm: arn:aws op:// keyvault key_vault \
    valuefrom secretkeyref secretref @microsoft. sm:// env!( {0} {} %env( {env: {file: file:// !ref fn:: {{resolve: \
    resolve: var. local. data. module. each. input. params. config. settings. options. args. opts. conf. cfg. ref+ \
    awssm: gcpsm: azkv: doppler: bws: keyring: credentials( lookup( random_password.";

/// A variable, a template or the address of a secret in a store.
pub(super) fn is_reference(candidate: &Candidate<'_>) -> bool {
    let folded = candidate.folded.as_str();
    let enclosed = |open: char, close: char| folded.starts_with(open) && folded.ends_with(close);
    is_variable(folded)
        || enclosed('%', '%')
        || enclosed('{', '}')
        || enclosed('[', ']')
        || enclosed('@', '@')
        || MARKS.split_whitespace().any(|mark| marks(folded, mark))
}

/// A mark that ends in a dot is one only at the beginning of a name: `var.db`, and not `envar.db`.
fn marks(folded: &str, mark: &str) -> bool {
    if !mark.ends_with('.') {
        return folded.contains(mark);
    }
    folded.match_indices(mark).any(|(at, _)| {
        let before = folded.get(..at).and_then(|text| text.chars().next_back());
        before.is_none_or(|c| !c.is_ascii_alphanumeric())
    })
}

/// `$NAME`, `$name`, `!Ref`, `&anchor`, `*alias`.
fn is_variable(folded: &str) -> bool {
    let mut name = folded.chars();
    let sigil = name.next();
    // $2a$ and $6$ are password hashes.
    let letter = name.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let rest = name.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '-' | '.' | '}'));
    matches!(sigil, Some('$' | '*' | '&')) && letter && rest
}
