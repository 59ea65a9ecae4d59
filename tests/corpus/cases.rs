//! Expands types and contexts into cases: a text, and what is to be found in it.

use std::ops::Range;

use super::make;
use super::read::{self, Class, Context, Document, Type};

/// Near misses of fixed types stand in so many contexts, a different choice for each.
const PLACES_OF_A_NEAR_MISS: usize = 3;
/// Names that say nothing.
const NEUTRAL: [&str; 4] = ["ENTRY", "BUILD_LABEL", "ITEM", "REVISION_NOTE"];

/// A text to be scanned.
#[derive(Clone)]
pub(crate) struct Case {
    /// Type and context, for messages.
    pub(crate) id: String,
    /// The row of the table that it counts in.
    pub(crate) row: String,
    /// The name of the file it would be.
    pub(crate) file: String,
    pub(crate) text: String,
    /// In order of the text; none in a negative case.
    pub(crate) wanted: Vec<Wanted>,
}

/// A secret that is to be found.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) range: Range<usize>,
    /// Any of these is the right rule.
    pub(crate) rules: Vec<String>,
    /// Any rule of this provider, where no rule is named.
    pub(crate) provider: String,
    pub(crate) class: Option<Class>,
    pub(crate) loose: bool,
    pub(crate) loose_checksum: bool,
}

/// Every type in every context that can hold it, and the documents.
pub(crate) fn positives() -> Vec<Case> {
    let (contexts, key_contexts) = (read::contexts(), read::key_contexts());
    let mut cases = Vec::new();
    for (class, kind) in read::types().into_iter().filter(|(class, _)| *class != Class::Public) {
        let contexts = if class == Class::Key { &key_contexts } else { &contexts };
        for (index, context) in contexts.iter().enumerate() {
            let name = &kind.names[index % kind.names.len()];
            let seed = format!("{}/{}", kind.id, context.id);
            let value = make::text(&seed, &kind.value);
            let by_name = matches!(class, Class::Named | Class::Generic);
            if fits(context, &value) && (!by_name || names(context)) {
                let mut case = placed(&seed, context, name, &value);
                let wanted = case.wanted.first_mut().expect("one secret");
                describe(wanted, class, &kind);
                row(class).clone_into(&mut case.row);
                cases.push(case);
            }
        }
    }
    cases.extend(read::documents().iter().map(document));
    cases
}

/// Near misses of every type, harmless values in every context, and harmless lines and files.
pub(crate) fn negatives() -> Vec<Case> {
    let contexts: Vec<Context> = read::contexts().into_iter().filter(|context| !context.tells).collect();
    let mut cases = near_misses(&contexts);
    for topic in read::look_alikes() {
        for value in &topic.values {
            for (index, context) in contexts.iter().enumerate() {
                let seed = format!("{}/{}", value.id, context.id);
                let text = make::text(&seed, &value.value);
                let name = &value.names[index % value.names.len()];
                if fits(context, &text) && names(context) {
                    cases.push(negative("look-alike values", placed(&seed, context, name, &text)));
                }
            }
        }
        for group in &topic.lines {
            for (index, line) in group.lines.iter().enumerate() {
                let id = format!("{}/{index}", group.id);
                cases.push(harmless("look-alike lines", &id, &group.file, line));
            }
        }
        cases.extend(topic.files.iter().map(|file| harmless("look-alike files", &file.id, &file.file, &file.text)));
    }
    cases
}

fn near_misses(contexts: &[Context]) -> Vec<Case> {
    let quiet: Vec<&Context> = contexts.iter().filter(|context| context.id != "markdown-text").collect();
    let mut cases = Vec::new();
    let mut turn = 0;
    for (class, kind) in read::types().into_iter().filter(|(class, _)| *class != Class::Key) {
        for (index, miss) in misses(class, &kind).into_iter().enumerate() {
            let mut places = 0;
            for offset in 0..quiet.len() {
                turn += 1;
                let context = quiet[(turn + offset) % quiet.len()];
                if places < PLACES_OF_A_NEAR_MISS && fits(context, &miss) {
                    places += 1;
                    let seed = format!("near {}/{index}/{}", kind.id, context.id);
                    cases.push(negative("near misses", placed(&seed, context, NEUTRAL[turn % NEUTRAL.len()], &miss)));
                }
            }
        }
    }
    cases
}

/// What comes close to a value of the type and is none.
fn misses(class: Class, kind: &Type) -> Vec<String> {
    let stated =
        kind.near.iter().enumerate().map(|(index, near)| make::text(&format!("{}/near/{index}", kind.id), near));
    let mut out: Vec<String> = stated.collect();
    let value = make::text(&format!("{}/near", kind.id), &kind.value).replace(['«', '»'], "");
    match class {
        // Without the name that tells it, a value of these is nothing.
        Class::Named | Class::Generic | Class::Public => out.push(value),
        Class::Provider => out.extend(automatic(&kind.value, &value, kind.fixed)),
        Class::Format | Class::Key => {}
    }
    out
}

fn automatic(source: &str, value: &str, fixed: bool) -> Vec<String> {
    let start = source.find(['{', '<']).unwrap_or(0).min(value.len());
    let (prefix, body) = value.split_at(start);
    let blank = |fill: char| body.chars().map(|c| if c.is_ascii_alphanumeric() { fill } else { c }).collect::<String>();
    let mut out = vec![format!("{prefix}{}", blank('x')), format!("{prefix}{}", blank('0'))];
    if !prefix.is_empty() {
        // Inside of a longer word.
        out.push(format!("x{value}"));
        if body.len() > 16 {
            out.push(format!("{prefix}EXAMPLE{}", &body[7..]));
        }
    }
    if fixed {
        let upper = !value[value.len() - 8..].bytes().any(|byte| byte.is_ascii_lowercase());
        out.push(value[..value.len() - 1].to_owned());
        out.push(format!("{value}{}", if upper { 'A' } else { 'a' }));
        out.push(format!("{}*{}", &value[..value.len() - 3], &value[value.len() - 2..]));
    }
    out
}

fn fits(context: &Context, value: &str) -> bool {
    let plain = |c: char| !matches!(c, '«' | '»');
    !value.chars().filter(|c| plain(*c)).any(|c| context.forbids.contains(c))
}

/// Whether the context shows the name that a value is assigned to.
fn names(context: &Context) -> bool {
    ["@{NAME}", "@{name}", "@{camel}", "@{kebab}", "@{dotted}"].iter().any(|name| context.text.contains(name))
}

/// A value in its place, the whole of it or the marked part wanted.
fn placed(id: &str, context: &Context, name: &str, value: &str) -> Case {
    let text = named(&context.text, name);
    let at = text.find("@{value").unwrap_or_else(|| panic!("{} has no place for a value", context.id));
    let end = at + text[at..].find('}').expect("an end") + 1;
    let value = match &text[at..end] {
        "@{value}" => value.to_owned(),
        "@{value:escaped}" => value.replace('\n', "\\n"),
        "@{value:crlf}" => value.replace('\n', "\r\n"),
        "@{value:indented}" => {
            let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            value.replace('\n', &format!("\n{}", &text[line..at]))
        }
        other => panic!("{}: there is no {other}", context.id),
    };
    let marked = if value.contains('«') { value } else { format!("«{value}»") };
    marked_case(id, &context.file, &format!("{}{marked}{}", &text[..at], &text[end..]))
}

/// A text whose secrets are marked.
fn marked_case(id: &str, file: &str, source: &str) -> Case {
    let mut text = String::new();
    let mut wanted = Vec::new();
    for part in source.split('«') {
        let Some((secret, after)) = part.split_once('»') else {
            text.push_str(part);
            continue;
        };
        let start = text.len();
        text.push_str(secret);
        wanted.push(Wanted {
            range: start..text.len(),
            rules: Vec::new(),
            provider: String::new(),
            class: None,
            loose: false,
            loose_checksum: false,
        });
        text.push_str(after);
    }
    Case { id: id.to_owned(), row: String::new(), file: file.to_owned(), text, wanted }
}

fn document(document: &Document) -> Case {
    let source = make::text(&document.id, &document.text);
    let mut case = marked_case(&document.id, &document.file, &source);
    assert_eq!(case.wanted.len(), document.secrets.len(), "marks and `secrets` of {}", document.id);
    for (wanted, rules) in case.wanted.iter_mut().zip(&document.secrets) {
        wanted.rules = rules.split('|').filter(|_| !rules.contains("any")).map(str::to_owned).collect();
        "any".clone_into(&mut wanted.provider);
    }
    "documents".clone_into(&mut case.row);
    case
}

fn harmless(row: &str, id: &str, file: &str, source: &str) -> Case {
    let text = make::text(id, source);
    Case { id: id.to_owned(), row: row.to_owned(), file: file.to_owned(), text, wanted: Vec::new() }
}

fn negative(row: &str, mut case: Case) -> Case {
    case.wanted.clear();
    row.clone_into(&mut case.row);
    case
}

fn describe(wanted: &mut Wanted, class: Class, kind: &Type) {
    wanted.rules.clone_from(&kind.rules);
    wanted.provider.clone_from(&kind.provider);
    wanted.class = Some(class);
    wanted.loose = kind.loose;
    wanted.loose_checksum = kind.loose_checksum;
}

fn row(class: Class) -> &'static str {
    match class {
        Class::Provider => "provider tokens",
        Class::Key => "private keys",
        Class::Format => "formats",
        Class::Named => "told by a provider's name",
        Class::Generic => "told by a name alone",
        Class::Public => "public",
    }
}

/// A text with the name put in, in the style that its place asks for.
fn named(text: &str, name: &str) -> String {
    let low = name.to_ascii_lowercase();
    let mut words = low.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    let camel = words.fold(first, |out, word| out + &word[..1].to_ascii_uppercase() + &word[1..]);
    text.replace("@{NAME}", name)
        .replace("@{name}", &low)
        .replace("@{camel}", &camel)
        .replace("@{kebab}", &low.replace('_', "-"))
        .replace("@{dotted}", &low.replace('_', "."))
}
