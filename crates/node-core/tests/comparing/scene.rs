//! Three agencies' nodes, and the test in the hub's place.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sanctuary_node_core::{
    Comparer, ComparisonLimits, ComparisonRefusal, ComparisonStage, ComparisonStep, ComparisonTask,
    StepOutcome,
};
use sanctuary_trust::{Partnership, Plan, Roster};
use sanctuary_types::{Handle, Timestamp};

use crate::{
    agency::{NOW, Node},
    holders::Holders,
};

pub struct Scene {
    pub police: Node,
    pub council: Node,
    pub refuge: Node,
    pub partnership: Partnership,
    pub roster: Roster,
}

pub struct Terms {
    pub switched_on: bool,
    pub limits: ComparisonLimits,
    pub now: Timestamp,
}

pub const USUAL: Terms = Terms {
    switched_on: true,
    limits: ComparisonLimits {
        per_peer: 100,
        per_record: 100,
    },
    now: NOW,
};

/// Amal Haddad at the police, spelt a little otherwise at the council; the refuge holds the same
/// tokens as the police.
pub fn scene() -> Scene {
    let holders = Holders::new();
    let node = |name: &str, rows: &str| {
        let mut node = Node::new(name, &holders);
        node.import(rows);
        node.publish_all();
        node
    };
    let plan = Plan::new("hub", &["alder", "birch"], &["police", "council", "refuge"]).unwrap();
    let mut rng = ChaCha20Rng::from_seed([8; 32]);
    let partnership = Partnership::generate(&plan, NOW, &mut rng).unwrap();
    Scene {
        police: node(
            "police",
            "p1,AMAL,HADDAD,1990-03-02,07700900123,potential_victim,no\n\
             p2,Jan,Kowalski,1980-01-05,07700900124,potential_victim,no\n",
        ),
        council: node(
            "council",
            "c1,Amal,Hadad,1990-02-03,07700900123,suspect,no\n",
        ),
        refuge: node(
            "refuge",
            "r1,AMAL,HADDAD,1990-03-02,07700900123,potential_victim,no\n",
        ),
        roster: partnership.roster.verify(&partnership.anchors, 0).unwrap(),
        partnership,
    }
}

impl Scene {
    pub fn work(&self, node: &Node, terms: &Terms, task: &ComparisonTask) -> StepOutcome {
        let steps = self.works(node, terms, std::slice::from_ref(task));
        let [step] = steps.try_into().unwrap();
        assert_eq!((step.comparison, step.stage), (task.comparison, task.stage));
        step.outcome
    }

    pub fn works(
        &self,
        node: &Node,
        terms: &Terms,
        tasks: &[ComparisonTask],
    ) -> Vec<ComparisonStep> {
        let member = self.partnership.member(node.agency.as_str()).unwrap();
        let comparer = Comparer {
            store: &node.store,
            secret: &node.secret,
            agency: &node.agency,
            roster: &self.roster,
            switched_on: terms.switched_on,
            limits: terms.limits,
            sign: &|message| member.signing.sign(message),
        };
        comparer.work(tasks, terms.now).unwrap()
    }

    /// What the hub says of the police's record to the police, and of the council's to the council.
    pub fn tasks(&self, comparison: u8) -> (ComparisonTask, ComparisonTask) {
        let (own, theirs) = shared(&self.police, "p1", &self.council, "c1");
        let task = |node: &Node, id: &str, handles, other: &Node, stage| ComparisonTask {
            comparison: [comparison; 16],
            stage,
            own: node.secret.pseudonym(&node.secret.record_key(id)),
            handles,
            other: other.agency.clone(),
            sealed: Vec::new(),
            expires: Timestamp(u64::MAX),
        };
        let (police, council) = (&self.police, &self.council);
        (
            task(police, "p1", own, council, ComparisonStage::Open),
            task(council, "c1", theirs, police, ComparisonStage::Answer),
        )
    }

    pub fn opened(&self, task: &ComparisonTask) -> Vec<u8> {
        sealed(self.work(&self.police, &USUAL, task))
    }

    pub fn answered(&self, task: &ComparisonTask, opening: Vec<u8>) -> Vec<u8> {
        let task = ComparisonTask {
            sealed: opening,
            ..task.clone()
        };
        sealed(self.work(&self.council, &USUAL, &task))
    }

    pub fn finish(&self, opened: &ComparisonTask, answer: Vec<u8>) -> StepOutcome {
        let task = ComparisonTask {
            stage: ComparisonStage::Finish,
            sealed: answer,
            ..opened.clone()
        };
        self.work(&self.police, &USUAL, &task)
    }
}

/// Handles of the tokens that both records published, in the order of their tags.
pub fn shared(a: &Node, a_id: &str, b: &Node, b_id: &str) -> (Vec<Handle>, Vec<Handle>) {
    let (a, b) = (a.published(a_id).unwrap(), b.published(b_id).unwrap());
    let mut pairs: Vec<_> = a
        .tokens
        .iter()
        .flat_map(|one| b.tokens.iter().map(move |two| (one, two)))
        .filter(|(one, two)| one.tag == two.tag)
        .collect();
    pairs.sort_by_key(|(one, _)| one.tag.0);
    pairs.dedup_by_key(|(one, _)| one.tag.0);
    assert!(!pairs.is_empty());
    pairs
        .into_iter()
        .map(|(one, two)| (one.handle, two.handle))
        .unzip()
}

pub fn sealed(outcome: StepOutcome) -> Vec<u8> {
    match outcome {
        StepOutcome::Sealed(sealed) => sealed,
        other => panic!("{other:?}"),
    }
}

pub fn refused(outcome: StepOutcome, expected: ComparisonRefusal) {
    assert_eq!(outcome, StepOutcome::Refused(expected));
}
