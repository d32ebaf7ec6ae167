import numpy as np
import pytest

from oss_faces.clustering import NEIGHBOURS, ExactNeighbours, Group, NewFaces, place_faces
from oss_faces.facedb import Placement
from oss_faces.recognition import DLIB_CALIBRATION
from tests.invented_people import faces_of, new_faces

LIMIT = 0.32


def place(faces: NewFaces, clusters: dict[str, Group] | None = None) -> Placement:
    matches = ExactNeighbours(faces.numbers, faces.vectors)(faces.vectors, NEIGHBOURS)
    return place_faces(faces, matches, clusters or {}, LIMIT, DLIB_CALIBRATION)


def numbers_of(placement: Placement) -> list[list[int]]:
    """Numbers of each founded cluster."""
    return [[member.number for member in members] for members in placement.founded]


def test_no_faces_change_nothing() -> None:
    """A dataset without new faces stays as it is."""
    vectors, _ = faces_of([])
    assert place(new_faces(vectors)) == Placement()
    known, _ = faces_of([3])
    assert place(new_faces(vectors), {"a": Group.of(known, ["1", "2", "3"])}) == Placement()


def test_each_person_with_three_faces_founds_a_cluster() -> None:
    """Three faces of one person make a cluster, of two persons two; who has only two faces is left alone."""
    vectors, _ = faces_of([3, 5, 2])
    placement = place(new_faces(vectors))
    assert numbers_of(placement) == [[1, 2, 3], [4, 5, 6, 7, 8]]
    assert placement.left_alone == (9, 10)
    assert placement.joined == {}


def test_weak_faces_do_not_found() -> None:
    """Two good faces and a weak one of the same person are no cluster."""
    vectors, _ = faces_of([3])
    assert place(new_faces(vectors, weak=[1])) == Placement(left_alone=(1, 2, 3))


def test_weak_faces_join_what_good_ones_found() -> None:
    """The fourth face is weak, and joins; the fifth is too poor for that."""
    vectors, _ = faces_of([5])
    placement = place(new_faces(vectors, weak=[3], unfit=[4]))
    assert numbers_of(placement) == [[1, 2, 3, 4]]
    assert placement.left_alone == (5,)


def test_copies_of_one_face_count_once() -> None:
    """The same picture stored three times is not three pictures of a person."""
    vectors, _ = faces_of([1])
    same = np.repeat(vectors, 4, axis=0)
    assert place(new_faces(same, contents=["x"] * 4)).founded == ()
    assert len(place(new_faces(same, contents=["x", "x", "y", "z"])).founded) == 1


def test_faces_of_one_picture_are_never_one_person() -> None:
    """Twins on one picture: one of them joins, the other is left alone, however alike they are."""
    vectors, _ = faces_of([5])
    twins = np.vstack([vectors, vectors[4:]])
    placement = place(new_faces(twins, pictures=["a", "b", "c", "d", "e", "e"]))
    assert len(placement.founded[0]) == 5
    assert set(placement.left_alone) < {5, 6}


def test_faces_of_one_picture_are_no_three_pictures() -> None:
    """Three faces of which two share a picture found nothing."""
    vectors, _ = faces_of([3])
    assert place(new_faces(vectors, pictures=["a", "b", "b"])).founded == ()


def test_new_faces_join_their_cluster() -> None:
    """A face goes to the cluster of its person, a good one and a weak one alike, and no cluster is founded twice."""
    vectors, _ = faces_of([6, 6])
    known = {
        "a": Group.of(vectors[:4], ["p1", "p2", "p3", "p4"]),
        "b": Group.of(vectors[6:10], ["p1", "p2", "p3", "p4"]),
    }
    placement = place(new_faces(vectors[[4, 5, 10, 11]], weak=[1]), known)
    assert {name: [each.number for each in members] for name, members in placement.joined.items()} == {
        "a": [1, 2],
        "b": [3, 4],
    }
    assert placement.founded == ()


@pytest.mark.parametrize("weak", [[], [0]])
def test_nobody_joins_a_cluster_that_is_on_his_picture(weak: list[int]) -> None:
    """A second face of a picture on which the cluster has a face already is somebody else, good or weak."""
    vectors, _ = faces_of([5])
    known = {"a": Group.of(vectors[:4], ["p1", "p2", "p3", "p4"])}
    assert place(new_faces(vectors[4:], pictures=["p2"], weak=weak), known) == Placement(left_alone=(1,))


def test_two_weak_faces_of_one_picture_do_not_both_join() -> None:
    """The nearer of the two joins."""
    vectors, _ = faces_of([6])
    known = Group.of(vectors[:4], ["p1", "p2", "p3", "p4"])
    placement = place(new_faces(vectors[4:], pictures=["x", "x"], weak=[0, 1]), {"a": known})
    far = [2 - 2 * float(vector @ known.total) / known.count for vector in vectors[4:]]
    assert [each.number for each in placement.joined["a"]] == [1 + int(np.argmin(far))]


def test_clusters_that_there_are_stay_two() -> None:
    """A face between two clusters of one person joins one of them; they are not made one."""
    vectors, _ = faces_of([7])
    known = {"a": Group.of(vectors[:3], list("abc")), "b": Group.of(vectors[3:6], list("def"))}
    placement = place(new_faces(vectors[6:]), known)
    assert len(placement.joined) == 1
    assert placement.founded == ()


def test_one_pair_of_alike_strangers_does_not_join_two_persons() -> None:
    """A face halfway between two persons is near some faces of each; their clusters stay apart."""
    vectors, _ = faces_of([8, 8])
    between = vectors[0] + vectors[8]
    between /= np.linalg.norm(between)
    first, second = numbers_of(place(new_faces(np.vstack([vectors, between]))))
    assert set(first) - {17} == set(range(1, 9))
    assert set(second) - {17} == set(range(9, 17))


def test_confidence_falls_with_the_distance_to_the_others() -> None:
    """The face that is farthest from the middle of its cluster belongs there least surely; all of them within 0..1."""
    vectors, _ = faces_of([8])
    (members,) = place(new_faces(vectors)).founded
    middle = vectors.mean(axis=0)
    by_distance = sorted(members, key=lambda each: float(np.linalg.norm(vectors[each.number - 1] - middle)))
    told = [each.confidence for each in by_distance]
    assert told == sorted(told, reverse=True)
    assert 0.8 < told[-1] < told[0] <= 1


def test_order_of_the_faces_does_not_matter() -> None:
    """Shuffled, the same faces give the same clusters."""
    vectors, _ = faces_of([3, 4, 5, 2, 1, 6, 9], scatter=0.33)
    expected = place(new_faces(vectors))
    assert expected.founded
    order = np.random.default_rng(3).permutation(len(vectors))
    whole = new_faces(vectors, weak=[2, 5])
    shuffled = NewFaces(
        whole.numbers[order],
        vectors[order],
        [whole.pictures[place] for place in order],
        [whole.contents[place] for place in order],
        whole.crowding[order],
        whole.may_found[order],
        whole.may_join[order],
    )
    assert numbers_of(place(shuffled)) == numbers_of(place(whole))
    assert place(shuffled).left_alone == place(whole).left_alone


def test_index_may_find_the_neighbours() -> None:
    """Matches from elsewhere, which also name faces that are not to be placed, give the same clusters."""
    vectors, _ = faces_of([4, 4, 6])
    everybody = ExactNeighbours(np.arange(1, 15), vectors)(vectors[:8], NEIGHBOURS)
    faces = new_faces(vectors[:8])
    assert place_faces(faces, everybody, {}, LIMIT, DLIB_CALIBRATION) == place(faces)


def test_crowded_faces_have_to_be_nearer() -> None:
    """Where strangers are near, the same faces found no cluster, and join none."""
    vectors, _ = faces_of([4])
    assert place(new_faces(vectors, crowding=[0.01] * 4)).founded
    assert not place(new_faces(vectors, crowding=[0.05] * 4)).founded
    known = {"a": Group.of(vectors[:3], list("abc"))}
    for weak in ([], [0]):
        assert place(new_faces(vectors[3:], weak=weak, crowding=[0.01]), known).joined
        assert not place(new_faces(vectors[3:], weak=weak, crowding=[0.06]), known).joined


def arrive(vectors: np.ndarray, order: np.ndarray, batch: int) -> np.ndarray:
    """Place faces that arrive in an order, so many at a time; gives the cluster of each, below 0 for none."""
    label = -1 - np.arange(len(vectors))
    clusters: dict[str, list[int]] = {}
    for begin in range(0, len(order), batch):
        waiting = np.array([place for place in order[: begin + batch] if label[place] < 0])
        names = [str(place) for place in waiting]
        flags = np.ones(len(waiting), bool)
        groups = {name: Group.of(vectors[rows], [str(row) for row in rows]) for name, rows in clusters.items()}
        placement = place(
            NewFaces(waiting, vectors[waiting], names, names, np.zeros(len(waiting)), flags, flags), groups
        )
        for name, members in placement.joined.items():
            clusters[name] += [each.number for each in members]
        clusters |= {str(members[0].number): [each.number for each in members] for members in placement.founded}
        for place_of_cluster, rows in enumerate(clusters.values()):
            label[rows] = place_of_cluster
    return label


def test_order_of_arrival_hardly_matters() -> None:
    """Hard persons, all at once or in shuffled batches: 95 of 100 pairs are joined either way, or in neither."""
    vectors, _ = faces_of([12] * 20 + [1] * 60, seed=5, scatter=0.31)
    at_once = arrive(vectors, np.arange(len(vectors)), len(vectors))
    for seed in range(3):
        batched = arrive(vectors, np.random.default_rng(seed).permutation(len(vectors)), 30)
        first, second = (label[:, None] == label[None] for label in (at_once, batched))
        agreed = 2 * (first & second).sum() / (first.sum() + second.sum())
        assert agreed > 0.95
