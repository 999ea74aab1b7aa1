//! The page in a real browser: it asks nobody for anything, its script works, and it can be read in every way it is shown.

use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::chromium::{Browser, installed};
use crate::hostile::hostile;
use crate::made::{bundled, page};

/// Fewest times that text is brighter than its background, or darker (WCAG 2.2, 1.4.3 and 1.4.11).
const TEXT_CONTRAST: f64 = 4.5;
const DRAWING_CONTRAST: f64 = 3.0;

/// A browser with the page of this capture open.
fn opened(test: &str, capture: &str) -> Option<Browser> {
    with(test, &page(&bundled(capture), None))
}

/// A browser with this page open; none, said on standard error, where there is no browser.
fn with(test: &str, page: &str) -> Option<Browser> {
    let Some(program) = installed() else {
        // Past the harness, which shows nothing of a test that passes.
        let mut stderr = std::io::stderr();
        writeln!(stderr, "html_report, {test}: skipped: needs Chromium").unwrap();
        return None;
    };
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.html"));
    std::fs::write(&file, page).unwrap();
    let mut browser = Browser::start(program, test);
    browser.open(&format!("file://{}", file.display()));
    Some(browser)
}

/// Requests other than for the page itself, and all that the browser complained of.
fn complaints(browser: &Browser) -> Vec<String> {
    let requests = browser.of("Network.requestWillBeSent");
    let others = requests.filter(|event| event["params"]["type"] != "Document");
    let kinds = [
        "Log.entryAdded",
        "Runtime.consoleAPICalled",
        "Runtime.exceptionThrown",
        "Audits.issueAdded",
    ];
    let said = kinds.iter().flat_map(|kind| browser.of(kind));
    others.chain(said).map(Value::to_string).collect()
}

#[test]
fn it_loads_without_a_request_an_error_or_a_violation() {
    let Some(mut browser) = opened("loads", "itunes-failure.pcapng") else {
        return;
    };
    assert_eq!(browser.of("Network.requestWillBeSent").count(), 1);
    // The script and the style were let through by their digests.
    assert_eq!(
        browser.eval("document.getElementById('controls').hidden"),
        false
    );
    let line = "getComputedStyle(document.querySelector('h2')).borderBottomStyle";
    assert_eq!(browser.eval(line), "solid");
    assert_eq!(complaints(&browser), [""; 0]);
}

#[test]
fn hostile_names_run_nothing_and_ask_for_nothing() {
    let Some(mut browser) = with("hostile", &hostile()) else {
        return;
    };
    assert_eq!(browser.eval("document.scripts.length"), 1);
    // The filter takes what is on the page, and puts none of it anywhere.
    browser.eval("words.value = '<script>'; words.dispatchEvent(new Event('input'))");
    browser.eval("document.querySelectorAll('button.copy').forEach(button => button.click())");
    assert_eq!(browser.eval("document.scripts.length"), 1);
    assert_eq!(browser.of("Page.javascriptDialogOpening").count(), 0);
    assert_eq!(complaints(&browser), [""; 0]);
}

#[test]
fn the_policy_stops_what_a_page_must_not_do() {
    let Some(mut browser) = opened("policy", "itunes-failure.pcapng") else {
        return;
    };
    browser.eval("document.body.insertAdjacentHTML('beforeend', '<img src=\"http://192.0.2.1/x\" onerror=\"ran = 1\"><p id=styled style=\"color:red\">')");
    browser.eval("document.body.append(Object.assign(document.createElement('script'), {textContent: 'ran = 1'}))");
    let fetched = browser.eval("fetch('http://192.0.2.1/').then(() => 'sent', () => 'stopped')");
    assert_eq!(fetched, "stopped");
    assert_eq!(browser.eval("typeof ran"), "undefined");
    let blocked = browser
        .of("Audits.issueAdded")
        .filter(|event| event["params"]["issue"]["code"] == "ContentSecurityPolicyIssue")
        .count();
    assert!(blocked >= 3, "{:?}", complaints(&browser));
}

/// Rows of required connections in sight, by their status.
const IN_SIGHT: &str = "[...document.querySelectorAll('.device tr[data-status]')].filter(row => row.checkVisibility()).map(row => row.dataset.status).join()";

#[test]
fn the_filter_leaves_what_fits() {
    let Some(mut browser) = opened("filter", "itunes-failure.pcapng") else {
        return;
    };
    assert_eq!(
        browser.eval(IN_SIGHT).as_str().unwrap().split(',').count(),
        17
    );
    // By keyboard: to the field, a word, and on to the choice of status.
    browser.eval("document.getElementById('words').focus()");
    browser.call("Input.insertText", &serde_json::json!({"text": "GS.apple"}));
    assert_eq!(browser.eval(IN_SIGHT), "failing");
    let why = "[...document.querySelectorAll('article[id]')].filter(one => one.checkVisibility()).map(one => one.querySelector('h4').textContent).join()";
    assert!(browser.eval(why).as_str().unwrap().contains("gs.apple.com"));
    assert_eq!(
        browser.eval("document.querySelectorAll('article[id]:not([hidden])').length"),
        1
    );
    assert!(
        browser
            .eval("document.getElementById('shown').textContent")
            .as_str()
            .unwrap()
            .starts_with("1 of ")
    );
    browser.eval("words.value = ''; words.dispatchEvent(new Event('input'))");
    let choose = "const status = document.getElementById('status'); status.value = 'degraded'; status.dispatchEvent(new Event('change'))";
    browser.eval(choose);
    assert_eq!(browser.eval(IN_SIGHT), "degraded");
    assert_eq!(
        browser.eval("document.querySelectorAll('.device:not([hidden])').length"),
        1
    );
}

#[test]
fn the_keyboard_alone_unfolds_and_copies() {
    let Some(mut browser) = opened("keyboard", "itunes-failure.pcapng") else {
        return;
    };
    // The first stop is the way past everything else.
    browser.press("Tab", 9, "");
    assert_eq!(browser.eval("document.activeElement.className"), "skip");
    let folded = "document.querySelector('details.attempt:not([open])')";
    browser.eval(&format!(
        "window.one = {folded}; one.querySelector('summary').focus()"
    ));
    assert_eq!(
        browser.eval("one.querySelector('.ladder').checkVisibility({contentVisibilityAuto: true})"),
        false
    );
    browser.press("Enter", 13, "\r");
    assert_eq!(browser.eval("one.open"), true);
    // On with Tab: the button that copies the filter, which says that it did.
    browser.press("Tab", 9, "");
    assert_eq!(browser.eval("document.activeElement.className"), "copy");
    let label = "document.activeElement.textContent";
    assert_eq!(browser.eval(label), "Copy this Wireshark filter");
    let asked = "new Promise(done => { const button = document.activeElement; new MutationObserver(() => done(button.textContent)).observe(button, {characterData: true, subtree: true}); button.click(); })";
    assert_eq!(browser.eval(asked), "Copied this Wireshark filter");
    browser.eval("document.getElementById('unfold').click()");
    assert_eq!(
        browser.eval("document.querySelectorAll('details:not([open])').length"),
        0
    );
    browser.eval("document.getElementById('fold').click()");
    assert_eq!(
        browser.eval("document.querySelectorAll('details[open]').length"),
        0
    );
    assert_eq!(complaints(&browser), [""; 0]);
}

/// For each text and drawing in sight: how much it stands out from what is behind it; the ten that do least.
const CONTRAST: &str = r"
(() => {
  document.querySelectorAll('details').forEach(one => { one.open = true; });
  const parse = colour => colour.match(/[\d.]+/g).map(Number);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (a, b) => {
    const [dark, bright] = [light(a), light(b)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const worst = (selector, colour, holds) => [...document.querySelectorAll(selector)]
    .filter(one => one.checkVisibility() && holds(one))
    .map(one => [ratio(parse(colour(one)), behind(one)), one.tagName + '.' + one.getAttribute('class') + ' ' + one.textContent.slice(0, 30)])
    .sort(([a], [b]) => a - b).slice(0, 10);
  const texts = worst('body *', one => getComputedStyle(one).color,
    one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
  const drawings = worst('.timeline use, .state use', one => getComputedStyle(one).color, () => true)
    .concat(worst('.arrow line', one => getComputedStyle(one).stroke, () => true));
  return {texts, drawings, page: getComputedStyle(document.body).backgroundColor};
})()";

#[test]
fn all_stands_out_in_light_in_the_dark_and_on_paper() {
    let Some(mut browser) = opened("contrast", "itunes-failure.pcapng") else {
        return;
    };
    for (scheme, media, paper) in [
        ("light", "screen", "rgb(255, 255, 255)"),
        ("dark", "screen", "rgb(20, 23, 27)"),
        ("dark", "print", "rgb(255, 255, 255)"),
    ] {
        browser.show(1280, scheme, media);
        let found = browser.eval(CONTRAST);
        assert_eq!(found["page"], paper, "{scheme} {media}");
        for (kind, least) in [("texts", TEXT_CONTRAST), ("drawings", DRAWING_CONTRAST)] {
            let all = found[kind].as_array().unwrap();
            assert!(all.len() >= 10, "{kind}");
            let low: Vec<_> = all
                .iter()
                .filter(|one| one[0].as_f64().unwrap() < least)
                .collect();
            assert!(low.is_empty(), "{scheme} {media}: {low:?}");
        }
    }
}

/// What is wider than the page, beside what scrolls by itself.
const WIDER: &str = "[...document.querySelectorAll('body *')].filter(one => !one.closest('.wide, svg, .vh, .skip') && one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1).map(one => one.tagName + '.' + one.className).slice(0, 5).join()";

#[test]
fn nothing_runs_out_of_a_narrow_page() {
    for capture in [
        "itunes-failure.pcapng",
        "gateway-both-sides.pcapng",
        "bonjour.pcapng",
    ] {
        let Some(mut browser) = opened(&format!("narrow-{capture}"), capture) else {
            return;
        };
        browser.eval("document.querySelectorAll('details').forEach(one => { one.open = true; })");
        for width in [360, 768, 1280] {
            browser.show(width, "light", "screen");
            assert_eq!(browser.eval(WIDER), "", "{capture} at {width}");
            let scrolls = browser.eval("document.documentElement.scrollWidth > innerWidth");
            assert_eq!(scrolls, false, "{capture} at {width}");
        }
    }
}

#[test]
fn paper_shows_what_a_screen_folds() {
    let Some(mut browser) = opened("paper", "itunes-failure.pcapng") else {
        return;
    };
    browser.show(800, "light", "print");
    // The page's own script unfolds before a print; the style sheet does where there is no script.
    let unseen = "[...document.querySelectorAll('details:not(.aside) table')].filter(one => !one.checkVisibility({contentVisibilityAuto: true})).length";
    assert_eq!(browser.eval(unseen), 0);
    assert_eq!(
        browser.eval("document.querySelector('.controls').checkVisibility()"),
        false
    );
    let printed = browser.call(
        "Page.printToPDF",
        &serde_json::json!({"paperWidth": 8.27, "paperHeight": 11.69}),
    );
    assert!(printed["data"].as_str().unwrap().len() > 20_000);
}
