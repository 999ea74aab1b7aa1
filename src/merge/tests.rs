use super::*;
use crate::verdict::summary::Capture;

fn report(name: &str, path: &str) -> Named {
    let capture = Capture {
        path: Some(path.into()),
        frames: 1,
        ..Capture::default()
    };
    let summary = Summary {
        schema: SCHEMA_VERSION,
        captures: vec![capture],
        ..Summary::default()
    };
    (name.into(), summary)
}

#[test]
fn a_capture_counts_once() {
    let error = merge(vec![report("a.json", "x.pcap"), report("b.json", "x.pcap")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a.json and b.json are both of x.pcap, and its attempts would count twice: give one of them"
    );
    assert!(merge(vec![report("a.json", "x.pcap"), report("b.json", "y.pcap")]).is_ok());
}

#[test]
fn a_report_of_another_version_is_refused() {
    let (name, mut summary) = report("a.json", "x.pcap");
    summary.schema = 2;
    let error = merge(vec![(name, summary)]).unwrap_err();
    assert!(
        error.to_string().starts_with("a.json has schema version 2"),
        "{error}"
    );
}

#[test]
fn nothing_merged_is_an_empty_report() {
    let merged = merge(Vec::new()).unwrap();
    assert!(merged.captures.is_empty() && merged.requirements.is_empty());
    assert!(merged.summary.status.values().all(|count| *count == 0));
}
