use std::collections::BTreeSet;

use sanctuary_review::{
    Answer, Assign, Cursor, Filter, ListRequest, Page, ReviewError, State, VIEWS_MAX,
};
use sanctuary_types::{AlertId, AlertKind, Band};

use crate::world::*;

/// Forty items: every third about a child, every fifth strong, half with the refuge.
fn full() -> World {
    let world = World::new();
    for number in 1..=40 {
        let mut facts = facts(number);
        facts.child = number % 3 == 0;
        if number % 5 == 0 {
            facts.band = Band::Strong;
        }
        if number % 2 == 0 {
            facts.other = "refuge".parse().unwrap();
        }
        world.hear(facts, at(u64::from(number)));
    }
    world
}

fn list(world: &World, filter: &Filter) -> Page {
    let request = ListRequest {
        filter: filter.clone(),
        limit: 200,
        ..ListRequest::default()
    };
    world
        .review()
        .list(&request, &world.actor("ann"), at(DAY))
        .unwrap()
}

fn ids(page: &Page) -> Vec<AlertId> {
    page.lines.iter().map(|l| l.alert).collect()
}

/// Switches one filter on.
type Switch = fn(&mut Filter);
/// The count that stands beside it.
type Counted = fn(&Page) -> usize;

#[test]
fn the_soonest_due_come_first_and_pages_join_without_gap_or_overlap() {
    let world = full();
    let whole = list(&world, &Filter::default());
    assert!(whole.lines.is_sorted_by_key(|l| l.due));
    assert!(whole.lines[0].child);
    assert_eq!((whole.total, whole.all, whole.first), (40, 40, 1));
    let page = |cursor: Option<Cursor>| {
        // A cursor survives a link.
        let cursor = cursor.map(|c| c.to_string().parse().unwrap());
        let request = ListRequest {
            cursor,
            limit: 7,
            ..ListRequest::default()
        };
        world
            .review()
            .list(&request, &world.actor("ann"), at(DAY))
            .unwrap()
    };
    let (mut seen, mut cursor, mut pages) = (Vec::new(), None, Vec::new());
    loop {
        let page = page(cursor);
        assert_eq!(page.first, seen.len() + 1);
        seen.extend(ids(&page));
        cursor = page.next;
        pages.push(page);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ids(&whole));
    for two in pages.windows(2) {
        assert_eq!(ids(&page(two[1].previous)), ids(&two[0]));
    }
    assert!(pages[0].previous.is_none());
    assert!("z00".parse::<Cursor>().is_err());
    assert!("é000000000000".parse::<Cursor>().is_err());
}

#[test]
fn each_filter_narrows_and_its_counts_say_what_each_other_choice_would_show() {
    let world = full();
    let to_ann = Assign {
        alerts: vec![(id(1), 1), (id(2), 1), (id(3), 1)],
        to: Some(person("ann")),
    };
    world
        .review()
        .assign(&to_ann, &world.actor("sam"), at(1))
        .unwrap();
    world.decide(7, "ann", Answer::Confirmed, at(1));
    let base = Filter {
        kinds: vec![AlertKind::SamePerson],
        bands: vec![Band::Likely],
        ..Filter::default()
    };
    let mut toggles: Vec<(Switch, Counted)> = vec![
        (|f| f.child = true, |p| p.counts.child),
        (|f| f.mine = true, |p| p.counts.mine),
        (|f| f.unassigned = true, |p| p.counts.unassigned),
        (|f| f.overdue = true, |p| p.counts.overdue),
        (|f| f.newer_evidence = true, |p| p.counts.newer_evidence),
        (|f| f.recheck = true, |p| p.counts.recheck),
    ];
    let counts = list(&world, &base);
    for (switch, count) in toggles.drain(..) {
        let mut filter = base.clone();
        switch(&mut filter);
        assert_eq!(list(&world, &filter).total, count(&counts), "{filter:?}");
    }
    for (state, count) in &counts.counts.states {
        let states = vec![*state];
        let filter = Filter {
            states,
            ..base.clone()
        };
        let page = list(&world, &filter);
        assert_eq!(page.total, *count);
        // A part's own choice does not change the counts beside it.
        assert_eq!(page.counts.states, counts.counts.states);
    }
    for (band, count) in &counts.counts.bands {
        let bands = vec![*band];
        assert_eq!(
            list(
                &world,
                &Filter {
                    bands,
                    ..base.clone()
                }
            )
            .total,
            *count
        );
    }
    for (agency, count) in &counts.counts.agencies {
        let agencies = vec![agency.clone()];
        assert_eq!(
            list(
                &world,
                &Filter {
                    agencies,
                    ..base.clone()
                }
            )
            .total,
            *count
        );
    }
    assert_eq!(counts.counts.agencies.len(), 2);
    let (who, count) = &counts.counts.assignees[0];
    assert_eq!((who.name.as_str(), *count), ("ann of police", 3));
    let assignee = Some(person("ann"));
    assert_eq!(
        list(
            &world,
            &Filter {
                assignee,
                ..Filter::default()
            }
        )
        .total,
        3
    );
    let unknown = vec!["nobody".parse().unwrap()];
    assert_eq!(
        list(
            &world,
            &Filter {
                agencies: unknown,
                ..Filter::default()
            }
        )
        .total,
        0
    );
    // Nobody decides 30 days long: everything open is overdue, and the decided one is not.
    let overdue = ListRequest {
        filter: Filter {
            overdue: true,
            ..Filter::default()
        },
        ..ListRequest::default()
    };
    let page = world
        .review()
        .list(&overdue, &world.actor("ann"), at(30 * DAY))
        .unwrap();
    assert_eq!(page.total, 39);
    assert!(page.lines.iter().all(|l| l.overdue));
}

#[test]
fn a_page_is_the_same_after_a_restart() {
    let mut world = full();
    world.decide(1, "ann", Answer::NotTheSame, at(1));
    let before = list(&world, &Filter::to_do());
    world.restart();
    assert_eq!(list(&world, &Filter::to_do()), before);
    assert_eq!(before.total, 39);
}

#[test]
fn bulk_assigning_leaves_what_has_changed_and_tells_so() {
    let world = full();
    world.decide(1, "ann", Answer::Confirmed, at(1));
    world.hear(suspect(41), at(1));
    world.decide(41, "bob", Answer::Confirmed, at(2));
    let (sam, review) = (world.actor("sam"), world.review());
    let assign = Assign {
        alerts: vec![
            (id(1), 2),
            (id(2), 1),
            (id(3), 9),
            (id(4), 1),
            (id(4), 1),
            (id(41), 2),
            (id(99), 1),
        ],
        to: Some(person("bob")),
    };
    let outcome = review.assign(&assign, &sam, at(3)).unwrap();
    assert_eq!(outcome.assigned, [(id(2), 2), (id(4), 2)]);
    // Decided, stale, named twice, his own first answer, unknown.
    assert_eq!(outcome.skipped, [id(1), id(3), id(4), id(41), id(99)]);
    assert_eq!(
        (world.state(2), world.item(2).assignee),
        (State::Assigned, Some(person("bob")))
    );
    let back = Assign {
        alerts: vec![(id(2), 2)],
        to: None,
    };
    review.assign(&back, &sam, at(4)).unwrap();
    assert_eq!((world.state(2), world.item(2).assignee), (State::New, None));
    let to = |name: &str| Assign {
        alerts: vec![(id(2), 3)],
        to: Some(person(name)),
    };
    for name in ["sam", "ada", "nobody"] {
        assert_eq!(
            review.assign(&to(name), &sam, at(5)),
            Err(ReviewError::NotAReviewer)
        );
    }
    let many = Assign {
        alerts: vec![(id(2), 3); 201],
        to: None,
    };
    assert_eq!(
        review.assign(&many, &sam, at(5)),
        Err(ReviewError::TooMany { max: 200 })
    );
}

#[test]
fn views_are_a_persons_own() {
    let world = full();
    let (ann, bob, review) = (world.actor("ann"), world.actor("bob"), world.review());
    review
        .save_view(
            " Children ",
            &Filter {
                child: true,
                ..Filter::default()
            },
            &ann,
        )
        .unwrap();
    review
        .save_view("Children", &Filter::to_do(), &ann)
        .unwrap();
    let views = review.views(&ann).unwrap();
    assert_eq!((views.len(), &views[0].filter), (1, &Filter::to_do()));
    assert!(review.views(&bob).unwrap().is_empty());
    for number in 1..VIEWS_MAX {
        review
            .save_view(&format!("v{number}"), &Filter::default(), &ann)
            .unwrap();
    }
    let refused = review.save_view("one more", &Filter::default(), &ann);
    assert_eq!(refused, Err(ReviewError::TooManyViews));
    assert_eq!(
        review.save_view("a\nb", &Filter::default(), &bob),
        Err(ReviewError::ViewName)
    );
    review.delete_view("Children", &ann).unwrap();
    assert_eq!(review.views(&ann).unwrap().len(), VIEWS_MAX - 1);
}

#[test]
fn lists_are_read_with_their_log_entry_and_show_initial_and_surname_only() {
    let world = full();
    let page = list(
        &world,
        &Filter {
            child: true,
            ..Filter::default()
        },
    );
    let acts = world.log.acts.lock().unwrap();
    let (kind, content) = acts.last().unwrap();
    assert_eq!(*kind, sanctuary_ledger::EntryKind::Consult);
    let shown: BTreeSet<String> = page.lines.iter().map(|l| l.alert.to_string()).collect();
    assert!(shown.iter().all(|alert| content.contains(alert.as_str())));
    let json = serde_json::to_string(&page).unwrap();
    assert!(json.contains("A. Haddad") && !json.contains("Amal"));
    assert!(!format!("{page:?}").contains("Haddad"));
}

#[test]
fn an_open_page_is_told_counts_and_what_came_since_without_an_entry_of_the_log() {
    let world = full();
    let by = world.actor("ann");
    let logged = world.log.acts.lock().unwrap().len();
    let pulse = |since| world.review().pulse(at(since), &by, at(DAY)).unwrap();
    let listed = pulse(0);
    assert_eq!((listed.waiting, listed.arrived), (40, 40));
    assert_eq!(pulse(37).arrived, 3, "those of after the page");
    assert_eq!(world.log.acts.lock().unwrap().len(), logged);
    world.decide(1, "ann", Answer::NotTheSame, at(DAY));
    assert_eq!(pulse(40).waiting, 39);
    assert_eq!(
        listed.overdue,
        list(&world, &Filter::default()).counts.overdue
    );
    let admin = world.actor("ada");
    let refused = world.review().pulse(at(0), &admin, at(DAY));
    assert!(matches!(refused, Err(ReviewError::NeedsRole(_))));
}
