//! The admission test: what too many people share is not sent, and said so by kind and count.

mod agency;
mod holders;

use agency::{Node, VICTIM};
use holders::Holders;
use sanctuary_node_core::{LeftOut, PublishReport, ports::NodeStore};
use sanctuary_types::TokenType;

const CONSONANTS: [char; 12] = ['b', 'd', 'f', 'g', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't'];

/// A person of her own name, all with the same initials. Born on one of many days, or with `group`
/// on the one day of that group.
fn person(number: usize, group: Option<usize>) -> String {
    let letter = |n: usize| CONSONANTS[n % 12];
    let (a, b, c) = (letter(number), letter(number / 12), letter(number / 144));
    let birth = match group {
        Some(group) => format!("1970-{:02}-15", 1 + group),
        None => format!(
            "{}-{:02}-{:02}",
            1971 + number % 30,
            1 + number % 12,
            2 + number % 26
        ),
    };
    format!("r{number},Ba{a}o{b}i{c},Mo{b}a{c}e{a},{birth},,potential_victim,no\n")
}

/// `groups` of people who share a birthday, and others.
fn file(groups: usize, each: usize, others: usize) -> String {
    let shared = (0..groups * each).map(|n| person(n, Some(n / each)));
    let own = (groups * each..groups * each + others).map(|n| person(n, None));
    shared.chain(own).collect()
}

/// What was left out of initials and birth. The made-up names are alike, so bands may be too.
fn left_out(reports: &[PublishReport]) -> Vec<LeftOut> {
    let all = reports.iter().flat_map(|report| &report.left_out);
    all.filter(|left| left.token == TokenType::Di)
        .copied()
        .collect()
}

fn has(node: &Node, record: &str, token: TokenType) -> bool {
    let published = node.published(record).unwrap();
    published.tokens.iter().any(|t| t.token == token)
}

#[test]
fn values_that_too_many_share_are_left_out() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&file(3, 20, 540));
    let left = left_out(&node.publish_all());
    // Three days with two initials each.
    let expected = LeftOut {
        token: TokenType::Di,
        values: 6,
        occurrences: 120,
        of: 1_200,
        whole_kind: false,
    };
    assert_eq!(left, [expected]);
    assert!(
        left[0].to_string().starts_with("DI: 6 values"),
        "{}",
        left[0]
    );
    assert!(!has(&node, "r7", TokenType::Di));
    assert!(has(&node, "r7", TokenType::Nd), "other kinds stay");
    assert!(has(&node, "r300", TokenType::Di), "other values stay");
}

#[test]
fn a_kind_of_which_little_is_left_is_left_out() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&file(10, 20, 400));
    let left = left_out(&node.publish_all());
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].whole_kind && left[0].token == TokenType::Di);
    assert!(!has(&node, "r300", TokenType::Di));
    assert!(has(&node, "r300", TokenType::Nd));
}

#[test]
fn a_large_family_in_a_small_file_is_no_reason() {
    let holders = Holders::new();
    let mut node = Node::new("charity", &holders);
    node.import(&file(1, 9, 40));
    assert_eq!(left_out(&node.publish_all()), []);
    assert!(has(&node, "r3", TokenType::Di));
}

#[test]
fn a_person_with_a_row_for_every_contact_is_one_person() {
    let holders = Holders::new();
    let mut node = Node::new("charity", &holders);
    let rows: String = (0..30)
        .map(|n| VICTIM.replace("a1", &format!("c{n}")))
        .collect();
    node.import(&(rows + &file(0, 0, 40)));
    assert_eq!(left_out(&node.publish_all()), []);
}

#[test]
fn what_became_common_later_is_withdrawn() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&file(0, 0, 400));
    let day = |range: std::ops::Range<usize>| -> String {
        range.map(|n| person(1_000 + n, Some(n % 3))).collect()
    };
    node.import(&day(0..9));
    assert_eq!(left_out(&node.publish_all()), []);
    assert!(has(&node, "r1004", TokenType::Di));
    node.clear_outbox();

    node.import(&day(9..60));
    let reports = node.publish_all();
    assert_eq!(left_out(&reports).len(), 1);
    let withdrawn: u64 = reports.iter().map(|report| report.withdrawn).sum();
    assert!(withdrawn > 9, "{withdrawn}");
    assert!(!has(&node, "r1004", TokenType::Di));
    assert!(has(&node, "r1004", TokenType::Nd));
    assert!(has(&node, "r3", TokenType::Di));
    assert_eq!(node.store.pending_len().unwrap(), 0);
}
