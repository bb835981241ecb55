//! The rules of a request, one by one.

mod common;

use std::collections::BTreeSet;

use common::*;
use sanctuary_disclosure::{
    ConfirmedAlert, ContactFirst, Counselling, Fishing, LawRule, Missing, NoticeTo, Proposal,
    Refused, Request, Step, VictimNotice, Wanted, WithholdingGround,
};
use sanctuary_policy::{Field, FieldGroup, Gateway};
use sanctuary_types::Timestamp;

fn check(request: &Request) -> Result<(), Refused> {
    request
        .check(&agreement(), &BTreeSet::new(), NOW)
        .map(|_| ())
}

fn fishing(request: &Request) -> Fishing {
    match check(request) {
        Err(Refused::Fishing(rule)) => rule,
        other => panic!("not refused as fishing: {other:?}"),
    }
}

#[test]
fn fishing_is_refused_naming_the_rule() {
    let good = request(&[Field::Contact, Field::Phone]);
    check(&good).unwrap();
    let with = |change: &dyn Fn(&mut Request)| {
        let mut changed = good.clone();
        change(&mut changed);
        fishing(&changed)
    };
    assert_eq!(with(&|r| r.alert = None), Fishing::NoAlert);
    let old = ConfirmedAlert {
        confirmed: Timestamp(NOW.0 - 91 * DAY_MS),
        ..good.alert.clone().unwrap()
    };
    assert_eq!(
        with(&|r| r.alert = Some(old.clone())),
        Fishing::OldConfirmation
    );
    assert!(matches!(
        with(&|r| r.necessity = text("needed")),
        Fishing::EmptyReason { .. }
    ));
    assert!(matches!(
        with(&|r| r.wanted[0].reason = text("as above")),
        Fishing::EmptyReason { .. }
    ));
    assert_eq!(
        with(&|r| r.wanted[1].reason = r.wanted[0].reason.clone()),
        Fishing::RepeatedReason
    );
    assert_eq!(
        with(&|r| r.proportionality =
            text("  THE suspect leaves the country, on Friday; and we cannot reach the witness!")),
        Fishing::RepeatedReason
    );
    assert_eq!(
        with(&|r| r.necessity = text("We would like everything you hold about this witness")),
        Fishing::Everything
    );
    assert_eq!(
        with(&|r| r.necessity =
            text("Needed for immigration enforcement against the household members")),
        Fishing::ImmigrationEnforcement
    );
    assert_eq!(
        with(&|r| r.enquiry = text("Immigration offences")),
        Fishing::ImmigrationEnforcement
    );
    let whole = request(&[
        Field::Risk,
        Field::Exploitation,
        Field::Incident,
        Field::Associates,
    ]);
    check(&whole).unwrap();
    // Every detail of one kind, where the agreement would allow each.
    let all = life_request(&[Field::Address, Field::Location, Field::Refuge]);
    assert_eq!(fishing(&all), Fishing::WholeGroup(FieldGroup::Whereabouts));
    // Reasons of an earlier request.
    let earlier: BTreeSet<_> = good.prints().into_iter().collect();
    assert_eq!(
        good.check(&agreement(), &earlier, NOW).unwrap_err(),
        Refused::Fishing(Fishing::CopiedReason)
    );
    assert_eq!(
        Refused::Fishing(Fishing::CopiedReason).rule(),
        "copied_reason"
    );
}

#[test]
fn the_telephone_comes_first() {
    let mut details = request(&[Field::Phone]);
    details.contact_first = ContactFirst::ThisIsIt;
    assert_eq!(
        check(&details),
        Err(Refused::Missing(Missing::ContactFirst))
    );
    details.contact_first = ContactFirst::NotPossible(text("Nobody answers at weekends"));
    check(&details).unwrap();
    let mut contact = request(&[Field::Contact]);
    contact.contact_first = ContactFirst::ThisIsIt;
    check(&contact).unwrap();
    // The default answer is whom to phone, and withholds the rest without a word.
    let both = request(&[Field::Contact, Field::Phone]);
    let mut desk = Desk::arrive(&both, None, NOW).unwrap();
    let answer =
        Proposal::contact_first(&both, common::contact(), proposal(&both, &[], 1, NOW).views);
    let at = decided(&mut desk, &answer, NOW);
    let message = leave(&mut desk, &answer, at);
    let told = String::from_utf8(message.to_bytes()).unwrap();
    assert!(told.contains("0191 498 0001") && !told.contains("not_necessary"));

    let mut life = life_request(&[Field::Contact]);
    life.contact_first = ContactFirst::ThisIsIt;
    let mut police = Desk::draft(&life, NOW).unwrap();
    police
        .act(
            NOW,
            Some(inspector()),
            Step::Authorise { counselling: false },
        )
        .unwrap();
    assert_eq!(
        police.act(NOW, Some(officer()), Step::Send),
        Err(Refused::Missing(Missing::Call))
    );
    police
        .act(NOW, Some(officer()), Step::RecordCall { call: call() })
        .unwrap();
    police.act(NOW, Some(officer()), Step::Send).unwrap();
}

fn victim_request(fields: &[Field]) -> Request {
    Request {
        gateway: Gateway::VictimInformationRequest,
        line_of_enquiry: Some(text(
            "Whether the injuries were seen before the suspect left",
        )),
        victim_notice: Some(VictimNotice::Given {
            at: NOW,
            to: NoticeTo::Victim,
        }),
        ..request(fields)
    }
}

#[test]
fn victim_information_requests_need_notice_and_counselling_is_presumed_out() {
    let good = victim_request(&[Field::Incident]);
    check(&good).unwrap();
    let law = |request: &Request| match check(request) {
        Err(Refused::Law(rule)) => rule,
        other => panic!("{other:?}"),
    };
    let mut changed = good.clone();
    changed.line_of_enquiry = None;
    assert_eq!(law(&changed), LawRule::NoLineOfEnquiry);
    changed = good.clone();
    changed.victim_notice = None;
    assert_eq!(law(&changed), LawRule::NoVictimNotice);
    changed.victim_notice = Some(VictimNotice::Withheld {
        ground: WithholdingGround::RiskOfSeriousHarm,
        why: text("The suspect reads her post"),
    });
    check(&changed).unwrap();
    changed = good.clone();
    changed.gateway = Gateway::CrimeAndTaxation;
    assert_eq!(law(&changed), LawRule::NoticeWithoutRequest);

    let mut records = victim_request(&[Field::Counselling]);
    assert_eq!(law(&records), LawRule::CounsellingPresumption);
    records.counselling = Some(Counselling {
        probative_value: text(
            "The first disclosure of the assault is said to be in the session notes",
        ),
    });
    check(&records).unwrap();
    let mut police = Desk::draft(&records, NOW).unwrap();
    let authorise = |counselling| Step::Authorise { counselling };
    assert_eq!(
        police.act(NOW, Some(inspector()), authorise(false)),
        Err(Refused::Law(LawRule::CounsellingPresumption))
    );
    police.act(NOW, Some(inspector()), authorise(true)).unwrap();
}

#[test]
fn nothing_of_a_case_shows_in_debug_output() {
    let mut request = request(&[Field::Phone]);
    request.wanted.push(Wanted {
        field: Field::Risk,
        reason: text("TOPSECRETREASON for this one enquiry here"),
    });
    let shown = format!("{request:?} {:?}", officer());
    assert!(!shown.contains("TOPSECRET") && !shown.contains("PersonId(\"officer"));
}
