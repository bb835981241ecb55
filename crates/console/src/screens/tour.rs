//! Ten things to try, each as one of the people of the agency: for somebody who sees the console for the first time.

use minijinja::{Value, context};
use sanctuary_policy::{Action, StaffRole};

use crate::{Page, Problem, Reply, Visit};

struct Thing {
    title: &'static str,
    text: &'static str,
    href: &'static str,
    act: Action,
}

const THINGS: &[Thing] = &[
    Thing {
        title: "Go through the queue without a mouse",
        text: "Tab into the list. j and k move, Enter opens, x ticks. What is due first stands first.",
        href: "/matches",
        act: Action::DecideAlert,
    },
    Thing {
        title: "See why two records may be one person",
        text: "Open a strong match. Your record is in clear; of the other you see the agency, the role, whom to call and which kinds of detail agreed. The picture shows what speaks for it and against it.",
        href: "/matches?band=strong",
        act: Action::DecideAlert,
    },
    Thing {
        title: "Find a victim who is a suspect elsewhere",
        text: "These come first. The banner says what the law asks before anybody does anything, and whom to speak with.",
        href: "/matches?kind=victim_is_suspect",
        act: Action::DecideAlert,
    },
    Thing {
        title: "Decide, then change your mind",
        text: "Answer, give a reason, save. It waits a while at the node before the hub hears of it; until then undo it on the same page.",
        href: "/matches",
        act: Action::DecideAlert,
    },
    Thing {
        title: "Ask for what you need and no more",
        text: "On a confirmed match write a request: a purpose, a law, one reason for each detail. Before it leaves you see what each side will and will not learn.",
        href: "/requests",
        act: Action::DraftRequest,
    },
    Thing {
        title: "Authorise a colleague’s request",
        text: "The person who wrote it cannot. You see it as the other agency will.",
        href: "/requests",
        act: Action::AuthoriseRequest,
    },
    Thing {
        title: "Answer another agency, detail by detail",
        text: "Nothing is ticked when you arrive. A refusal looks the same whether something is held back or there is nothing.",
        href: "/requests",
        act: Action::ProposeDecision,
    },
    Thing {
        title: "Approve as the second person",
        text: "Nothing leaves on one person’s word. Approve it, or give it back with a reason.",
        href: "/requests",
        act: Action::ApproveDecision,
    },
    Thing {
        title: "Tell a person who asked about them",
        text: "Open a request for access with a record’s reference. Every agency that a possible match links is asked, and none learns of another.",
        href: "/data-protection",
        act: Action::AnswerSubjectAccess,
    },
    Thing {
        title: "Check that nothing was changed in the ledger",
        text: "Every sign-in and every look is in it. Open an entry as data protection officer and follow its proof.",
        href: "/ledger",
        act: Action::VerifyLedger,
    },
];

/// The tour.
///
/// # Errors
/// None.
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let things = THINGS.iter().map(|thing| {
        let roles: Vec<&str> = thing
            .act
            .row()
            .roles
            .iter()
            .map(|r: &StaffRole| r.text())
            .collect();
        context! {
            title => thing.title,
            text => thing.text,
            href => visit.may(thing.act).then_some(thing.href),
            roles => roles.join(", "),
        }
    });
    let values = context! { things => Value::from_iter(things.collect::<Vec<_>>()) };
    Ok(Page::new("tour.html", values).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ROUTES;

    #[test]
    fn there_are_ten_and_each_leads_to_a_page() {
        assert_eq!(THINGS.len(), 10);
        for thing in THINGS {
            let path = thing.href.split('?').next().unwrap();
            assert!(ROUTES.iter().any(|r| r.path == path), "{path}");
        }
    }
}
