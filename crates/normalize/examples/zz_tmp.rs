//! temp
use sanctuary_normalize::*;
use sanctuary_types::Timestamp;
use std::io::{self, BufRead};
fn main() {
    let mode = std::env::args().nth(1).unwrap();
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        if mode == "names" {
            let w = name_words(&line);
            let r: Vec<&str> = w.iter().map(|x| root_name(x)).collect();
            let c: Vec<String> = w.iter().map(|x| name_code(x)).collect();
            println!(
                "{}\t{}\t{}\t{}",
                fold(&line),
                w.join(" "),
                r.join(" "),
                c.join(" ")
            );
        } else {
            let f: Vec<&str> = line.split('\t').collect();
            let o = |s: &str| (!s.is_empty()).then(|| s.into());
            let s = Source {
                forenames: vec![f[0].into()],
                surnames: vec![f[1].into()],
                birth: parse_birth(f[2], &["%Y%m%d".into()]).birth,
                address: o(f[3]),
                locality: o(f[4]),
                postcode: o(f[5]),
                ..Source::default()
            };
            let (c, p) = canonicalise(&s, Timestamp(1_795_392_000_000), "GB");
            let fr = NameFrequencies::default();
            let ctx = TokenContext {
                frequencies: &fr,
                universe_records: u64::MAX,
                pair_count: &|_| 9,
            };
            let t: Vec<String> = tokens(&c, &ctx)
                .iter()
                .map(|t| format!("{} {} {:?}", t.token.label(), t.value(), t.slots.to_bytes()))
                .collect();
            println!(
                "{}\t{:?}\t{}",
                serde_json::to_string(&c).unwrap(),
                p,
                t.join("\x1f")
            );
        }
    }
}
