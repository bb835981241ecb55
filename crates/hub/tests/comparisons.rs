//! The second step as nodes meet it at the hub.

mod partners;

use std::time::Duration;

use partners::{Partners, batch_of, phone_record};
use sanctuary_rpc::ErrorCode;
use sanctuary_wire::{
    compare::{PutRequest, Step, TakeRequest, Task, step::Outcome},
    directory::StatusRequest,
};

/// What waits for `agency`, as soon as it does.
async fn task(partners: &Partners, agency: &str) -> Task {
    for _ in 0..100 {
        if let Some(task) = take(partners, agency).await {
            return task;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing waits for {agency}");
}

async fn take(partners: &Partners, agency: &str) -> Option<Task> {
    let mut client = partners.comparisons(agency).await;
    let taken = client.take(TakeRequest { limit: 8 }).await.unwrap();
    taken.into_inner().tasks.pop()
}

async fn put(partners: &Partners, agency: &str, task: &Task, outcome: Outcome) {
    let steps = vec![Step {
        comparison_id: task.comparison_id.clone(),
        stage: task.stage,
        outcome: Some(outcome),
    }];
    let mut client = partners.comparisons(agency).await;
    let taken = client.put(PutRequest { steps }).await.unwrap();
    assert_eq!(
        taken.into_inner().taken,
        std::slice::from_ref(&task.comparison_id)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hub_carries_a_comparison_while_it_is_agreed() {
    let partners = Partners::new();
    let running = partners.start();
    for (n, agency) in ["police", "council"].into_iter().enumerate() {
        let batch = partners.signed(agency, batch_of(agency, &[phone_record(n as u8 + 1)]));
        partners.push(agency, vec![batch]).await.unwrap();
    }
    let opener = loop {
        if take(&partners, "police").await.is_some() {
            break "police";
        }
        if take(&partners, "council").await.is_some() {
            break "council";
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let answerer = ["council", "police"][usize::from(opener == "council")];
    let open = task(&partners, opener).await;
    assert_eq!((open.stage, open.own_handles.len()), (1, 1));
    assert_eq!(open.other_agency, answerer);
    put(
        &partners,
        opener,
        &open,
        Outcome::Sealed(vec![1; 40_000].into()),
    )
    .await;
    let answer = task(&partners, answerer).await;
    assert_eq!((answer.stage, answer.sealed.len()), (2, 40_000));
    assert_eq!(answer.comparison_id, open.comparison_id);
    assert_ne!(answer.own_handles, open.own_handles);
    put(
        &partners,
        answerer,
        &answer,
        Outcome::Sealed(vec![2; 10].into()),
    )
    .await;
    let status = || async {
        let mut client = partners.directory(opener).await;
        client.status(StatusRequest {}).await.unwrap().into_inner()
    };
    assert_eq!(status().await.comparisons_waiting, 1);
    let finish = task(&partners, opener).await;
    assert_eq!((finish.stage, &finish.sealed[..]), (3, &[2; 10][..]));
    put(
        &partners,
        opener,
        &finish,
        Outcome::Levels(vec![1, 0, 0, 0, 1].into()),
    )
    .await;
    let told = status().await;
    assert_eq!((told.comparisons_waiting, told.comparisons_done), (0, 1));

    // Not for officers, nor for what does not decode.
    let mut officer = partners.comparisons("officer-1").await;
    let refused = officer.take(TakeRequest { limit: 1 }).await.unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::NotAllowed);
    let steps = vec![Step {
        comparison_id: finish.comparison_id.clone(),
        stage: 3,
        outcome: Some(Outcome::Levels(vec![99; 5].into())),
    }];
    let mut client = partners.comparisons(opener).await;
    let refused = client.put(PutRequest { steps }).await.unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::InvalidArgument);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_officers_end_is_over_at_once() {
    let partners = Partners::new();
    let running = partners.start();
    for (n, agency) in ["police", "council"].into_iter().enumerate() {
        let batch = partners.signed(agency, batch_of(agency, &[phone_record(n as u8 + 1)]));
        partners.push(agency, vec![batch]).await.unwrap();
    }
    let waits = || async {
        take(&partners, "police").await.is_some() || take(&partners, "council").await.is_some()
    };
    while !waits().await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    partners.agree_second_step(false);
    for _ in 0..100 {
        if !waits().await {
            return running.stop().await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("comparisons go on after the agreement has ended");
}
