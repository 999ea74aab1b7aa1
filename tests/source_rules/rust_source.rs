//! Just enough of Rust's grammar to see which paths a source file names.
//!
//! Input: source text. Output: its words and marks without comments and literals (by `proc-macro2`, the lexer that
//! macros use), and the paths in them, with groups (`a::{b, c}`) spread out. Not a parser: a path is what is spelled
//! with `::`, wherever it stands.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// A word or a mark (`::` is one), and its line, counted from 1.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// `a::b::c`, and where it stands.
#[derive(Debug)]
pub(crate) struct NamedPath {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    /// How many `mod name { … }` surround it in this file.
    pub(crate) inline_modules: usize,
}

/// Every Rust file under a folder of the package, in order; none if the folder is not there.
pub(crate) fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
        &mut found,
    );
    found.sort();
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// `src/flow/key.rs` is `flow`, `key`; `src/flow/mod.rs` is `flow`.
pub(crate) fn module_of(file: &Path) -> Vec<String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let inside = file.strip_prefix(src).unwrap().with_extension("");
    let mut names: Vec<String> = inside
        .iter()
        .map(|name| name.to_str().unwrap().to_owned())
        .collect();
    if names.last().is_some_and(|name| name == "mod") {
        names.pop();
    }
    names
}

/// The words and marks of a source.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut found = Vec::new();
    flatten(source.parse().unwrap(), &mut found);
    found
}

fn flatten(stream: TokenStream, found: &mut Vec<Token>) {
    let push = |found: &mut Vec<Token>, text: &str, span: Span| {
        let text = text.to_owned();
        let line = span.start().line;
        found.push(Token { text, line });
    };
    for tree in stream {
        let span = tree.span();
        match tree {
            TokenTree::Literal(_) => {}
            TokenTree::Ident(word) => push(found, &word.to_string(), span),
            TokenTree::Punct(mark) => match found.last_mut() {
                Some(last) if last.text == ":" && mark.as_char() == ':' => last.text.push(':'),
                _ => push(found, &mark.to_string(), span),
            },
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::None => ("", ""),
                };
                push(found, open, group.span_open());
                flatten(group.stream(), found);
                push(found, close, group.span_close());
            }
        }
    }
}

/// The paths of two segments and more.
pub(crate) fn paths(tokens: &[Token]) -> Vec<NamedPath> {
    let mut found = Vec::new();
    let mut braces = 0;
    let mut modules = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "{" => braces += 1,
            "}" => {
                braces -= 1;
                if modules.last() == Some(&braces) {
                    modules.pop();
                }
            }
            "mod" if tokens.get(at + 2).is_some_and(|open| open.text == "{") => {
                modules.push(braces);
            }
            _ if is_word(token) => {
                at = path(tokens, at, &[], modules.len(), &mut found);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found.retain(|path| path.segments.len() > 1);
    found
}

/// Reads the path that begins at a token, spreads its groups out, and returns the place after it.
fn path(
    tokens: &[Token],
    mut at: usize,
    before: &[String],
    inline_modules: usize,
    found: &mut Vec<NamedPath>,
) -> usize {
    let line = tokens[at].line;
    let mut segments = before.to_vec();
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    loop {
        if text(at) == "{" {
            at += 1;
            while !matches!(text(at), "}" | "") {
                at = match text(at) {
                    "," => at + 1,
                    _ => path(tokens, at, &segments, inline_modules, found),
                };
            }
            return at + 1;
        }
        segments.push(text(at).to_owned());
        at += 1;
        let goes_on = tokens.get(at + 1).is_some_and(is_word) || matches!(text(at + 1), "{" | "*");
        if text(at) != "::" || !goes_on {
            break;
        }
        at += 1;
    }
    found.push(NamedPath {
        segments,
        line,
        inline_modules,
    });
    if text(at) == "as" && !before.is_empty() {
        at += 2;
    }
    at
}

fn is_word(token: &Token) -> bool {
    token
        .text
        .starts_with(|c: char| c.is_alphabetic() || c == '_')
}
