use std::path::{Path, PathBuf};

use sanctuary_prevalence::{Linkage, stepwise};

use super::*;

const COMMAS: &str =
    "A,B,C,count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n1,1,0,6\n1,0,1,5\n0,1,1,4\n1,1,1,2\n";

fn table(text: &str) -> Table {
    read_table(text.as_bytes(), None).unwrap()
}

fn refused(text: &str) -> String {
    format!("{:#}", read_table(text.as_bytes(), None).unwrap_err())
}

#[test]
fn the_same_table_in_many_forms() {
    let expected = table(COMMAS);
    assert_eq!((expected.people(), expected.lists().len()), (107, 3));
    let semicolons = format!("\u{feff}{}", COMMAS.replace(',', ";").replace('\n', "\r\n"));
    let count_first =
        "Freq;A;B;C\n40;1;0;0\n30;0;1;0\n20;0;0;1\n6;1;1;0\n5;1;0;1\n4;0;1;1\n2;1;1;1\n";
    let with_row_names = "\"\",\"A\",\"B\",\"C\",\"N\"\n\"1\",1,0,0,40\n\"2\",0,1,0,30\n\"3\",0,0,1,20\n\"4\",1,1,0,6\n\"5\",1,0,1,5\n\"6\",0,1,1,4\n\"7\",1,1,1,2\n";
    let rows_unnamed =
        "A B C n\n1 1 0 0 40\n2 0 1 0 30\n3 0 0 1 20\n4 1 1 0 6\n5 1 0 1 5\n6 0 1 1 4\n7 1 1 1 2\n";
    let words = "A\tB\tC\tpersons\nTRUE\tFALSE\tFALSE\t40.0\nno\tyes\tno\t30\n0\t0\t1\t20\n1\t1\t0\t6\n1\t0\t1\t5\n0\t1\t1\t4\n1\t1\t1\t2\n";
    let odd_name = COMMAS.replace("count", "how many");
    let zero_rows = format!("# made up\n\n{COMMAS}0,0,0,0\n");
    let unknown_row = format!("{COMMAS}0,0,0,NA\n");
    let empty_ends = COMMAS.replace('\n', ",,\n");
    let ends_without_head = empty_ends.replace("count,,", "count");
    let labelled = "history,A,B,C,n\na,1.0,0.0,0.0,40\nb,0,1,0,30\nc,0,0,1,20\nab,Y,Y,N,6\nac,T,F,T,5\nbc,0,1,1,4\nabc,1,1,1,2\n";
    let split_row = COMMAS.replace("1,0,0,40", "1,0,0,15\n1,0,0,25");
    for text in [
        &semicolons,
        count_first,
        with_row_names,
        rows_unnamed,
        words,
        &odd_name,
        &zero_rows,
        &split_row,
        &unknown_row,
        &empty_ends,
        &ends_without_head,
        labelled,
        &COMMAS.replace(',', " | "),
        &COMMAS.replace(',', "  "),
    ] {
        assert_eq!(table(text), expected, "{text}");
    }
    let headless = table(&COMMAS.replace("A,B,C,count\n", ""));
    assert_eq!(headless.lists(), ["list 1", "list 2", "list 3"]);
    assert_eq!(
        headless.histories().collect::<Vec<_>>(),
        expected.histories().collect::<Vec<_>>()
    );
}

#[test]
fn thousands_may_be_parted_and_lists_called_id_stay_lists() {
    let parted = COMMAS.replace("1,0,0,40", "1,0,0,\"1,040\"");
    assert_eq!(table(&parted).people(), 1107);
    for wrong in ["1,04", "10,40", ",040", "1040,", "1234,567"] {
        let text = refused(&COMMAS.replace("1,0,0,40", &format!("1,0,0,\"{wrong}\"")));
        assert!(text.contains("this is no number"), "{wrong}: {text}");
    }
    let called_id = table(&COMMAS.replace("A,B,C", "id,B,C"));
    assert_eq!(called_id.lists(), ["id", "B", "C"]);
}

#[test]
fn values_are_strict_and_errors_name_the_line() {
    let wrong = refused(&COMMAS.replace("0,0,1,20", "0,Ann,1,20"));
    assert!(
        wrong.starts_with("line 4, column B: ") && !wrong.contains("Ann"),
        "{wrong}"
    );
    for wrong in ["-6", "6.5", "six", ""] {
        let text = refused(&COMMAS.replace(",6\n", &format!(",{wrong}\n")));
        assert!(
            text.starts_with("line 5, column count: this is no number"),
            "{text}"
        );
    }
    for hidden in ["<5", "*", "x", "1-7"] {
        let text = refused(&COMMAS.replace(",6\n", &format!(",{hidden}\n")));
        assert!(text.contains("(rule R6)"), "{text}");
    }
    assert!(refused(&format!("{COMMAS}0,0,0,9\n")).contains("9 people are on none of the lists"));
    assert!(refused(&format!("{COMMAS}1,0,9\n")).starts_with("line 9: has 3 columns"));
    assert!(refused("A,B\n1,0\n0,1\n").contains("--count-column"));
    assert!(refused("").contains("is empty"));
    assert!(refused("A,B,count\n").contains("no row of counts"));
    assert!(read_table(&[0xff, 0xfe, 0x41], None).is_err());
    let many = format!("{}count\n{}3\n", "L,".repeat(40), "1,".repeat(40));
    assert!(refused(&many).contains("40 lists"));
}

fn options(path: PathBuf) -> Options {
    Options {
        path,
        count_column: None,
        merge: Vec::new(),
        without: Vec::new(),
        circumstances: Circumstances {
            linkage: Linkage::AsGiven,
            ..Circumstances::default()
        },
        seed: 1,
        resamples: 100,
        models: true,
    }
}

#[test]
fn a_file_becomes_a_report_with_its_json() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made-up.csv");
    std::fs::write(&path, COMMAS).unwrap();
    let report = estimate(&options(path.clone())).unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["table"]["known"], 107);
    assert_eq!(json["models"].as_array().unwrap().len(), 8);
    let text = json["headline"]["text"].as_str().unwrap();
    assert!(text.ends_with("known or estimated potential victims, not confirmed"));
    let codes: Vec<&str> = report
        .warnings
        .iter()
        .map(sanctuary_prevalence::Warning::code)
        .collect();
    for always in ["W1", "W3", "W10", "W11", "W12"] {
        assert!(codes.contains(&always), "{codes:?}");
    }
    assert!(report.to_string().contains("stepwise 0.02"));
    let again = serde_json::to_value(estimate(&options(path.clone())).unwrap()).unwrap();
    assert_eq!(json, again);

    let merged = Options {
        merge: vec![vec!["A".into(), "B".into()]],
        ..options(path.clone())
    };
    let json = serde_json::to_value(estimate(&merged).unwrap()).unwrap();
    assert_eq!(json["table"]["lists"][0][0], "AB");
    assert_eq!(
        json["figures"]["two_lists"]["total"],
        88.0 * 32.0 / 12.0 - 1.0
    );
    let unknown = Options {
        without: vec!["D".into()],
        ..options(path)
    };
    assert!(matches!(estimate(&unknown), Err(Fault::Input(_))));
}

#[test]
fn a_refused_table_shows_its_counts_and_no_figure() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("thin.csv");
    std::fs::write(
        &path,
        "A,B,C,count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n1,1,0,6\n",
    )
    .unwrap();
    let report = estimate(&options(path)).unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["refusals"][0]["code"], "R3");
    assert_eq!(
        (&json["headline"], &json["figures"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
    assert_eq!(json["table"]["on_two_or_more"], 6);
    let codes: Vec<u64> = json["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["code"].as_u64().unwrap())
        .collect();
    assert_eq!((codes[0], codes[1], codes[6], codes[7]), (0, 1, 0, 2));
    assert!(report.to_string().contains("No estimate (R3)"));
}

/// (file, main effects, stepwise, pairs) of PREVALENCE.md 3.2.
const SHARED: [(&str, f64, f64, &str); 9] = [
    (
        "UKdat",
        12213.9951,
        11417.9911,
        "PF:NCA LA:NG NG:GP LA:PF PF:GP GO:GP NG:GO",
    ),
    (
        "UKdat_5",
        13444.1312,
        11312.9903,
        "LA:NG NG:GP PFNCA:GP LA:PFNCA GO:GP NG:GO",
    ),
    ("UKdat_4", 10694.2545, 11015.2445, "LA:NG LA:PFNCA NG:GO"),
    (
        "Ned",
        52823.4640,
        111139.3712,
        "O:Z P:Z I:Z P:R O:P K:R(-inf) I:K(-inf) K:O",
    ),
    (
        "Ned_5",
        52923.8943,
        121521.6137,
        "IO:Z P:Z P:R IO:P K:R(-inf) IO:K",
    ),
    ("NewOrl_185", 996.6643, 1183.6923, "D:E"),
    ("NewOrl_5_185", 1034.1511, 1034.1511, ""),
    (
        "Kosovo",
        7394.5867,
        14341.6638,
        "ABA:OSCE OSCE:HRW EXH:OSCE EXH:ABA EXH:HRW",
    ),
    ("Australia", 827.1672, 6496.0087, "B:C B:D A:B"),
];

#[test]
fn the_shared_tables_give_the_reference_values() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/mse");
    if !folder.exists() {
        eprintln!("SKIPPED: the shared overlap tables are not beside this clone");
        return;
    }
    for (name, main, total, pairs) in SHARED {
        let bytes = std::fs::read(folder.join(format!("{name}.csv"))).unwrap();
        let table = read_table(&bytes, None).unwrap();
        let fit = stepwise(&table, 0.02).unwrap();
        let within = |found: f64, expected: f64| (found / expected - 1.0).abs() < 1e-6;
        assert!(within(fit.total(), total), "{name}: {}", fit.total());
        assert!(within(
            sanctuary_prevalence::main_effects(&table).unwrap().total(),
            main
        ));
        let summary = sanctuary_prevalence::ModelSummary::of(&table, &fit);
        let found: Vec<String> = summary.pairs.iter().map(ToString::to_string).collect();
        assert_eq!(found.join(" "), pairs, "{name}");
    }
    let not_a_table = std::fs::read(folder.join("README.csv")).unwrap();
    assert!(read_table(&not_a_table, None).is_err());
}
