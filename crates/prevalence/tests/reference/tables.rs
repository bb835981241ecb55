//! Published tables, and those made from them.

use sanctuary_prevalence::Table;

pub fn read(text: &str) -> Table {
    let mut lines = text.lines();
    let header = lines.next().expect("a header");
    let mut lists: Vec<String> = header.split(',').map(str::to_owned).collect();
    lists.pop();
    let rows = lines.map(|line| {
        let (marks, count) = line.rsplit_once(',').expect("a count");
        let on = marks
            .split(',')
            .enumerate()
            .filter(|(_, mark)| *mark == "1");
        let history = on.map(|(list, _)| 1 << list).sum::<usize>();
        (history, count.parse().expect("a number"))
    });
    Table::build(&lists, rows).expect("a table")
}

pub fn uk_6() -> Table {
    read(include_str!("../tables/UKdat.csv"))
}

pub fn uk_5() -> Table {
    uk_6().merging(&[2, 5])
}

/// The people known to the public only are dropped.
pub fn uk_4() -> Table {
    uk_5().without(4)
}

pub fn ned_6() -> Table {
    read(include_str!("../tables/Ned.csv"))
}

pub fn ned_5() -> Table {
    ned_6().merging(&[0, 2])
}

pub fn new_orleans_185() -> Table {
    read(include_str!("../tables/NewOrl_185.csv"))
}

pub fn new_orleans_5_185() -> Table {
    new_orleans_185().merging(&[1, 4, 5, 6])
}

/// Two tables circulate; in this one two people are on C and D.
pub fn new_orleans_186() -> Table {
    let table = new_orleans_185();
    let (c, d) = (1 << 2, 1 << 3);
    Table::build(table.lists(), table.histories().chain([(c | d, 1)])).expect("a table")
}

pub fn new_orleans_5_186() -> Table {
    new_orleans_186().merging(&[1, 4, 5, 6])
}

pub fn kosovo() -> Table {
    read(include_str!("../tables/Kosovo.csv"))
}

pub fn australia() -> Table {
    read(include_str!("../tables/Australia.csv"))
}

pub fn artificial_3() -> Table {
    read(include_str!("../tables/Artificial_3.csv"))
}

#[test]
fn merging_gives_the_published_smaller_tables() {
    let uk = uk_5();
    assert_eq!(uk.lists(), ["LA", "NG", "PFNCA", "GO", "GP"]);
    assert_eq!((uk.people(), uk.histories().count()), (2744, 18));
    assert_eq!((uk_4().people(), uk_4().histories().count()), (2428, 14));
    assert_eq!((ned_5().people(), ned_5().histories().count()), (8234, 17));
    let new_orleans = new_orleans_5_185();
    assert_eq!(new_orleans.lists(), ["A", "BEFG", "C", "D", "H"]);
    assert_eq!(
        (new_orleans.people(), new_orleans.histories().count()),
        (185, 14)
    );
    assert_eq!(new_orleans_186().people(), 186);
}
