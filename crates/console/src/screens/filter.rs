//! A filter of the queue as the query of an address, and back: a view is an address that can be kept.

use sanctuary_review::{Filter, State};
use sanctuary_types::PartyId;

use crate::{Form, words};

/// The filter of a query. A query without any part of a filter is what waits for a person.
pub fn read(query: &Form) -> Filter {
    let mut filter = Filter {
        states: query.all("state").filter_map(State::from_word).collect(),
        kinds: query.all("kind").filter_map(words::kind_from).collect(),
        agencies: query
            .all("agency")
            .filter_map(|a| a.parse::<PartyId>().ok())
            .collect(),
        bands: query.all("band").filter_map(words::band_from).collect(),
        assignee: None,
        mine: query.has("who", "me"),
        unassigned: query.has("who", "nobody"),
        child: query.ticked("child"),
        overdue: query.ticked("overdue"),
        newer_evidence: query.ticked("newer"),
        recheck: query.ticked("recheck"),
    };
    if filter.states.is_empty() && !query.ticked("every") && !filter.recheck {
        filter.states = Filter::to_do().states;
    }
    filter
}

/// The query of a filter, without the question mark; empty for what waits for a person.
pub fn write(filter: &Filter) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if filter.states.is_empty() && !filter.recheck {
        query.append_pair("every", "1");
    } else if filter.states != Filter::to_do().states {
        for state in &filter.states {
            query.append_pair("state", state.word());
        }
    }
    for kind in &filter.kinds {
        query.append_pair("kind", words::kind_word(*kind));
    }
    for band in &filter.bands {
        query.append_pair("band", words::band_word(*band));
    }
    for agency in &filter.agencies {
        query.append_pair("agency", agency.as_str());
    }
    let flags = [
        (filter.mine, "who", "me"),
        (filter.unassigned, "who", "nobody"),
        (filter.child, "child", "1"),
        (filter.overdue, "overdue", "1"),
        (filter.newer_evidence, "newer", "1"),
        (filter.recheck, "recheck", "1"),
    ];
    for (_, name, value) in flags.iter().filter(|(on, ..)| *on) {
        query.append_pair(name, value);
    }
    query.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanctuary_types::{AlertKind, Band};

    #[test]
    fn filters_come_back_from_their_addresses() {
        let some = Filter {
            states: vec![State::Sent],
            kinds: vec![AlertKind::VictimIsSuspect],
            agencies: vec!["police".parse().unwrap()],
            bands: vec![Band::Strong, Band::Likely],
            mine: true,
            child: true,
            overdue: true,
            ..Filter::default()
        };
        let recheck = Filter {
            recheck: true,
            ..Filter::default()
        };
        for filter in [Filter::to_do(), Filter::default(), some, recheck] {
            let query = Form::read(write(&filter).as_bytes()).unwrap();
            assert_eq!(read(&query), filter);
        }
        assert_eq!(write(&Filter::to_do()), "");
        // Nothing but known words gets into a filter.
        let odd = Form::read(b"kind=%3Cscript%3E&agency=A+B&state=x").unwrap();
        assert_eq!(read(&odd), Filter::to_do());
    }
}
