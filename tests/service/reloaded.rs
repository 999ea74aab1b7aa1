//! SIGHUP loads the catalogue again: a right one counts from then on, a faulty one changes nothing.

use crate::endpoint::{serving, until};
use crate::namespace::{inside, wire};
use crate::place::Place;
use crate::scraped::{get, series};
use crate::wire::{Frames, arrives};

const BEFORE: &str =
    "[[host]]\npattern = \"nobody.example\"\nports = [\"443/tcp\"]\nuse = \"nothing\"\n";

/// One host less, and one more, which the capture shows flows to that the wildcard owns otherwise.
const AFTER: &str = "[[host]]\npattern = \"gs.apple.com\"\nremove = true\n\n\
    [[host]]\npattern = \"albert.apple.com\"\nremove = true\n\n\
    [[host]]\npattern = \"own.example\"\nports = [\"443/tcp\"]\nuse = \"a host of our own\"\n";

const FAULTY: &str = "[[host]]\npattern = \"gs.apple.com\"\nremove = \"perhaps\"\n";

const GS: &str = r#"windfall_requirement_status{requirement="gs.apple.com",status="failing"}"#;

#[test]
fn a_right_catalogue_counts_from_then_on_and_a_faulty_one_does_not() {
    inside(
        "reloaded::a_right_catalogue_counts_from_then_on_and_a_faulty_one_does_not",
        || {
            wire();
            let place = Place::new("reload");
            let file = place.write("own.toml", BEFORE);
            let arguments = format!("--catalogue {}", file.display());
            let (mut watching, at) = serving(&arguments, &[]);
            let mut sender = Frames::new();
            sender.capture("itunes-failure.pcapng");
            arrives();
            let before = until(&at, "/metrics", GS, |page| page.body.contains(GS));
            let required = series(&before.body)["windfall_catalogue_requirements"];

            place.write("own.toml", FAULTY);
            watching.signal("HUP");
            watching.until("the catalogue stays as it was");
            watching.until("own.toml:3:");
            let failed = r#"windfall_catalogue_reloads_total{result="failed"}"#;
            until(&at, "/metrics", failed, |page| {
                series(&page.body)[failed] == 1.0
            });
            let kept = series(&get(&at, "/metrics").body);
            assert_eq!(kept[GS], 1.0);
            assert_eq!(kept["windfall_catalogue_last_reload_successful"], 0.0);
            assert_eq!(kept["windfall_catalogue_requirements"], required);

            place.write("own.toml", AFTER);
            watching.signal("HUP");
            watching.until("catalogue loaded again");
            let after = until(
                &at,
                "/metrics",
                "gs.apple.com is required no more",
                |page| !page.body.contains(GS),
            );
            assert!(!after.body.contains("\"gs.apple.com\""), "{}", after.body);
            let after = series(&after.body);
            assert_eq!(after["windfall_catalogue_last_reload_successful"], 1.0);
            assert_eq!(after["windfall_catalogue_requirements"], required - 2.0);

            // The report is of the catalogue that counts at the end, also for what came before it.
            watching.signal("TERM");
            let left = watching.left();
            let report = left.report();
            let rows = report["requirements"].as_array().unwrap();
            let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
            assert!(
                !ids.contains(&"gs.apple.com") && ids.contains(&"own.example"),
                "{ids:?}"
            );
            let flows = report["flows"].as_array().unwrap();
            let gs = flows
                .iter()
                .filter(|flow| flow["name"]["host"] == "gs.apple.com");
            let owned: Vec<_> = gs.map(|flow| flow["requirement"].clone()).collect();
            assert!(!owned.is_empty());
            assert!(
                owned.iter().all(|owner| *owner != "gs.apple.com"),
                "{owned:?}"
            );
        },
    );
}
