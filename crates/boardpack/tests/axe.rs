//! The page under axe-core in a headless Chromium: no violation. `cargo xtask test` brings both; without
//! them the test says so and passes.
mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use common::*;
use sanctuary_boardpack::{Pack, html};
use sanctuary_figures::Estimate;

/// The rules of WCAG 2.2 A and AA and good practice.
const RUN: &str = "axe.run(document,{runOnly:['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})\
.then(r=>{const p=document.createElement('pre');p.id='axe-result';\
p.textContent=JSON.stringify({passes:r.passes.length,violations:r.violations.map(v=>v.id+': '+v.nodes.map(n=>n.target.join(' ')+' '+n.failureSummary).join('; '))});\
document.body.appendChild(p)})";

#[test]
fn axe_finds_no_violation() {
    let axe = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/axe/node_modules/axe-core/axe.min.js");
    let (Ok(axe), Some(browser)) = (fs::read_to_string(axe), browser()) else {
        eprintln!(
            "SKIPPED: the page was not checked with axe; `cargo xtask test` installs chromium and axe-core"
        );
        return;
    };
    let refused = Estimate::NotMade {
        rule: "R3".to_owned(),
        reason: "Fewer than ten people are on two lists.".to_owned(),
    };
    let mut preview = figures(refused);
    preview.signatures = 0;
    for (name, pack) in [("released", pack()), ("preview", Pack::of(preview))] {
        for width in [1280, 400] {
            let (passes, violations) = check(&browser, &html(&pack), &axe, name, width);
            assert!(passes > 20, "axe looked at the page: {passes} rules passed");
            assert!(violations.is_empty(), "{name} at {width}: {violations:#?}");
        }
    }
}

fn check(browser: &Path, page: &str, axe: &str, name: &str, width: u32) -> (u64, Vec<String>) {
    // The page forbids scripts, so the copy under test is let off that rule and nothing else.
    let start = page
        .find("<meta http-equiv=\"Content-Security-Policy\"")
        .unwrap();
    let end = start + page[start..].find('>').unwrap() + 1;
    let page = format!(
        "{}{}",
        &page[..start],
        page[end..].replace(
            "</body>",
            &format!("<script>{axe}</script><script>{RUN}</script></body>")
        )
    );
    let folder = std::env::temp_dir().join(format!(
        "sanctuary-axe-{}-{name}-{width}",
        std::process::id()
    ));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("page.html");
    fs::write(&file, page).unwrap();
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=20000",
            "--dump-dom",
        ])
        .arg(format!("--window-size={width},900"))
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .arg(format!("file://{}", file.display()))
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    fs::remove_dir_all(&folder).unwrap();
    let start = dom
        .find("<pre id=\"axe-result\">")
        .expect("axe ran to its end");
    let text = &dom[start + 21..start + dom[start..].find("</pre>").unwrap()];
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let result: serde_json::Value = serde_json::from_str(&text).unwrap();
    let violations = result["violations"].as_array().unwrap().iter();
    (
        result["passes"].as_u64().unwrap(),
        violations.map(|v| v.as_str().unwrap().to_owned()).collect(),
    )
}

fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|dir| ["chromium", "chromium-browser", "google-chrome"].map(|n| dir.join(n)))
        .find(|file| file.is_file())
}
