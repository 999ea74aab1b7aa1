//! Summaries of the bundled captures, and their pages.

use std::path::Path;

use windfall::catalogue::{Catalogue, Profile};
use windfall::pipeline::replay::{Request, replay};
use windfall::report::listed::Listed;
use windfall::report::{Format, Options, write};
use windfall::verdict::summary::Summary;

pub(crate) fn summary(path: &Path) -> Summary {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let paths = [path.to_owned()];
    replay(&Request::new(&paths, &catalogue), |_, _| {}).summary
}

pub(crate) fn bundled(name: &str) -> Summary {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    summary(&folder.join(name))
}

pub(crate) fn page(summary: &Summary, listed: Option<Listed>) -> String {
    let options = Options {
        format: Format::Html,
        listed,
        colour: false,
    };
    let mut out = Vec::new();
    write(summary, &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
