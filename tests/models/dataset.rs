//! Data sets of points: distributions, standardisation, and rejected input.

use tweedie::Error;
use tweedie::dataset::{Named, PointData};

/// Sample mean, and the mean of the two sample variances, with the standard error of the latter.
fn moments(points: &[[f64; 2]]) -> ([f64; 2], f64, f64) {
    let count = points.len() as f64;
    let mean = [0, 1].map(|axis| points.iter().map(|point| point[axis]).sum::<f64>() / count);
    let halves: Vec<f64> = points
        .iter()
        .map(|[x, y]| ((x - mean[0]).powi(2) + (y - mean[1]).powi(2)) / 2.0)
        .collect();
    let variance = halves.iter().sum::<f64>() / count;
    let squares = halves
        .iter()
        .map(|half| (half - variance).powi(2))
        .sum::<f64>()
        / count;
    (mean, variance, (squares / count).sqrt())
}

#[test]
fn the_exact_moments_are_those_of_a_large_draw() {
    for named in Named::ALL {
        let exact = named.moments();
        let (mean, variance, error) = moments(&named.draw(400_000, 3));
        let name = named.name();
        for axis in 0..2 {
            let error = (2.0 * exact.variance / 400_000.0).sqrt();
            assert!(
                (mean[axis] - exact.mean[axis]).abs() < 4.0 * error,
                "{name}: the mean is {mean:?}, not {:?}",
                exact.mean
            );
        }
        assert!(
            (variance - exact.variance).abs() < 4.0 * error,
            "{name}: the variance is {variance} ± {error}, not {}",
            exact.variance
        );
    }
}

#[test]
fn draws_of_all_seeds_share_one_standardisation_and_are_repeatable() {
    for named in Named::ALL {
        let draw = |seed| PointData::draw(named, 500, seed).unwrap();
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7).points(), draw(8).points());
        assert_eq!(draw(7).standardisation(), draw(8).standardisation());
        let standard: Vec<[f64; 2]> = PointData::draw(named, 100_000, 1)
            .unwrap()
            .points()
            .iter()
            .map(|point| point.map(f64::from))
            .collect();
        let (mean, variance, _) = moments(&standard);
        assert!(
            mean.iter().all(|mean| mean.abs() < 0.02),
            "{named:?}: {mean:?}"
        );
        assert!((variance - 1.0).abs() < 0.02, "{named:?}: {variance}");
    }
}

#[test]
fn points_lie_where_their_formula_puts_them() {
    let points = |named: Named| named.draw(2000, 5);
    assert!(points(Named::Checkerboard).iter().all(|[x, y]| {
        let (column, row) = (x.floor(), y.floor());
        (-2.0..2.0).contains(&column) && (-2.0..2.0).contains(&row) && (column + row) % 2.0 == 0.0
    }));
    let radius = |[x, y]: &[f64; 2]| x.hypot(*y);
    let off_ring = |point: &[f64; 2]| {
        let nearest = radius(point).round().clamp(1.0, 3.0);
        (radius(point) - nearest).abs()
    };
    assert!(
        points(Named::Rings)
            .iter()
            .all(|point| off_ring(point) < 0.45)
    );
    let shares = [1.0, 2.0, 3.0].map(|ring| {
        let on = |point: &&[f64; 2]| radius(point).round() == ring;
        points(Named::Rings).iter().filter(on).count() as f64 / 2000.0
    });
    for (share, expected) in shares.iter().zip([1.0 / 6.0, 2.0 / 6.0, 3.0 / 6.0]) {
        assert!((share - expected).abs() < 0.05, "{shares:?}");
    }
    let few = points(Named::TwoGaussians);
    let lower = few.iter().filter(|[x, y]| x + y < 0.0).count() as f64 / 2000.0;
    assert!(
        (lower - 0.2).abs() < 0.03,
        "{lower} of the points lie about (−5, −5)"
    );
}

#[test]
fn the_mixtures_standardised_have_mean_zero_and_variance_one() {
    for named in [Named::TwoGaussians, Named::EightGaussians] {
        let mixture = PointData::draw(named, 10, 0).unwrap().mixture().unwrap();
        let total: f64 = mixture.weights.iter().sum();
        let mut mean = [0.0; 2];
        let mut square = 0.0;
        for (k, weight) in mixture.weights.iter().enumerate() {
            let centre = [mixture.means[2 * k], mixture.means[2 * k + 1]];
            let part = weight / total;
            (0..2).for_each(|axis| mean[axis] += part * centre[axis]);
            let std = mixture.stds[k];
            square += part * (centre[0].powi(2) + centre[1].powi(2) + 2.0 * std * std) / 2.0;
        }
        assert!(
            mean.iter().all(|mean| mean.abs() < 1e-12),
            "{named:?}: {mean:?}"
        );
        assert!((square - 1.0).abs() < 1e-12, "{named:?}: {square}");
    }
    assert!(
        PointData::draw(Named::TwoMoons, 10, 0)
            .unwrap()
            .mixture()
            .is_none()
    );
}

#[test]
fn given_points_are_standardised_by_their_own_moments_and_map_back() {
    let given = [10.0_f32, -3.0, 14.0, 5.0, 12.0, 1.0, 9.0, 0.5];
    let data = PointData::from_points(&given).unwrap();
    let wide: Vec<[f64; 2]> = data
        .points()
        .iter()
        .map(|point| point.map(f64::from))
        .collect();
    let (mean, variance, _) = moments(&wide);
    assert!(mean.iter().all(|mean| mean.abs() < 1e-6), "{mean:?}");
    assert!((variance - 1.0).abs() < 1e-6, "{variance}");
    let standardisation = data.standardisation();
    for (index, number) in given.iter().enumerate() {
        let standard = f64::from(data.points().as_flattened()[index]);
        let back = standardisation.mean[index % 2] + standardisation.scale * standard;
        assert!(
            (back - f64::from(*number)).abs() < 1e-5,
            "{back}, not {number}"
        );
    }
}

#[test]
fn a_split_divides_the_points_without_loss_and_holds_out_the_fraction() {
    let data = PointData::draw(Named::Spiral, 101, 0).unwrap();
    let [training, held_out] = data.split(0.25, 9).unwrap();
    assert_eq!((training.points().len(), held_out.points().len()), (76, 25));
    let sorted = |points: &[[f32; 2]]| {
        let mut points = points.to_vec();
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        points
    };
    let both = [training.points(), held_out.points()].concat();
    assert_eq!(sorted(&both), sorted(data.points()));
    assert_eq!(training.standardisation(), data.standardisation());
    assert_ne!(data.split(0.25, 10).unwrap()[1].points(), held_out.points());
    let [_, least] = data.split(1e-9, 0).unwrap();
    assert_eq!(least.points().len(), 1);
    for fraction in [0.0, 1.0, f64::NAN] {
        assert!(data.split(fraction, 0).is_err(), "{fraction}");
    }
}

#[track_caller]
fn reads(text: &str, expected: &[[f64; 2]]) {
    let data = PointData::from_csv(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    let standardisation = data.standardisation();
    let found: Vec<[f64; 2]> = data
        .points()
        .iter()
        .map(|point| {
            [0, 1].map(|axis| {
                standardisation.mean[axis] + standardisation.scale * f64::from(point[axis])
            })
        })
        .collect();
    assert_eq!(found.len(), expected.len(), "{text:?}: {found:?}");
    for (found, expected) in found.iter().zip(expected) {
        let close = |axis: usize| (found[axis] - expected[axis]).abs() < 1e-5;
        assert!(
            close(0) && close(1),
            "{text:?}: {found:?}, not {expected:?}"
        );
    }
}

#[test]
fn csv_is_read_with_any_usual_separator_header_and_line_end() {
    let expected = [[0.5, 1.5], [-2.0, 300.0]];
    for text in [
        "0.5,1.5\n-2,3e2\n",
        "x,y\r\n0.5,1.5\r\n-2,300\r\n",
        "\u{feff}\"x\";\"y\"\n\"0,5\";\"1,5\"\n-2;300",
        "# a comment\n\n0.5\t1.5\n\n-2\t300\t7\n",
        "  0.5   1.5\n -2  300 4 5",
        "x1, x2, label\n0.5, 1.5, 3\n−2, 300, none",
        "0,5 1,5\n-2,0 300,0",
        "0.5, 1.5\n-2, 300",
        "+.5,1.5\n-2,300",
    ] {
        reads(text, &expected);
    }
}

#[test]
fn row_numbers_of_pandas_and_r_are_skipped_and_said() {
    let expected = [[1.5, 2.5], [3.0, 4.0], [5.0, 1.0]];
    for text in [
        ",x,y\n0,1.5,2.5\n1,3,4\n2,5,1\n",
        "\"\",\"x\",\"y\"\n\"1\",1.5,2.5\n\"2\",3,4\n\"3\",5,1\n",
        ",0,1\n0,1.5,2.5\n1,3,4\n2,5,1\n",
        ",x,y\n17,1.5,2.5\n3,3,4\n80,5,1\n",
        ",x,y\na,1.5,2.5\nb,3,4\nc,5,1\n",
        "Unnamed: 0,x,y\n0,1.5,2.5\n1,3,4\n2,5,1\n",
        "index;x;y\n0;1,5;2,5\n1;3;4\n2;5;1\n",
        "\tx\ty\n0\t1.5\t2.5\n1\t3\t4\n2\t5\t1\n",
        "x y\n1 1.5 2.5\n2 3 4\n3 5 1\n",
        "     x    y\n0  1.5  2.5\n1  3.0  4.0\n2  5.0  1.0\n",
        "0,1.5,2.5\n1,3,4\n2,5,1\n",
    ] {
        reads(text, &expected);
        let data = PointData::from_csv(text).unwrap();
        let [note] = data.notes() else {
            panic!("{text:?}: {:?}", data.notes())
        };
        assert!(
            note.ends_with("is taken for row numbers: it is skipped."),
            "{text:?}: {note}"
        );
    }
    let more = PointData::from_csv(",x,y,label\n0,1,2,3\n1,3,4,3\n").unwrap();
    assert_eq!(more.notes()[1], "Only the first two of 3 columns are read.");
}

#[test]
fn coordinates_that_look_like_row_numbers_are_kept() {
    for (text, notes) in [
        ("x,y\n0,1\n1,3\n2,5\n", 0),
        ("0,1\n1,3\n2,5\n", 0),
        ("x,y,\n0,1,\n1,3,\n2,5,\n", 0),
        ("x,y,label\n0,1,7\n1,3,7\n2,5,7\n", 1),
        (",y\n0,1\n1,3\n2,5\n", 1),
    ] {
        reads(text, &[[0.0, 1.0], [1.0, 3.0], [2.0, 5.0]]);
        let data = PointData::from_csv(text).unwrap();
        assert_eq!(data.notes().len(), notes, "{text:?}: {:?}", data.notes());
    }
}

#[test]
fn csv_that_is_no_points_is_refused_with_its_line() {
    for (text, part) in [
        ("", "has none"),
        ("hello", "has none"),
        ("x,y\n", "has none"),
        ("1,2\n", "a single one"),
        ("1,2\n1,2\n1,2", "3 points at the same place"),
        (
            "1,2\n3,four\n",
            "line 2, column 2 is no finite number: \"four\"",
        ),
        ("x,y\n1,2\n3,NaN\n", "line 3, column 2"),
        ("NaN,1\n1,2\n", "line 1, column 1"),
        ("1,2\ninf,4\n", "line 2, column 1"),
        ("1,2\n1e999,4\n", "line 2, column 1"),
        ("1\n2\n3\n", "line 1 has no column 2"),
        ("1,2\n\n3\n", "line 3 has no column 2"),
        ("1,2\n,4\n", "line 2 has no column 1"),
        ("name,value\nfirst,1\nsecond,2\n", "line 2, column 1"),
        // UTF-16 that was decoded as UTF-8, and the head of an .xlsx file.
        (
            "\u{fffd}\u{fffd}1\u{0},\u{0}2\u{0}\n\u{0}3\u{0},\u{0}4\u{0}",
            "save it as CSV in UTF-8",
        ),
        ("PK\u{3}\u{4}\u{14}\0\u{6}\0", "save it as CSV in UTF-8"),
    ] {
        let error = PointData::from_csv(text).unwrap_err();
        assert_eq!(error.code(), "malformed-file", "{text:?}: {error}");
        assert!(error.to_string().contains(part), "{text:?}: {error}");
    }
}

#[test]
fn points_that_cannot_be_standardised_are_refused() {
    let refused = |numbers: &[f32]| {
        let error = PointData::from_points(numbers).unwrap_err();
        assert!(matches!(error, Error::InvalidOption { .. }), "{error}");
        error.to_string()
    };
    assert!(refused(&[]).contains("none"));
    assert!(refused(&[1.0, 2.0]).contains("single"));
    assert!(refused(&[1.0, 2.0, 3.0]).contains("two numbers for each point"));
    assert!(refused(&[1.0, 2.0, 1.0, 2.0]).contains("at the same place"));
    assert!(refused(&[1.0, 2.0, 1.0, f32::NAN]).contains("coordinate 2 of point 2"));
    for count in [0, 1, 100_001] {
        assert!(PointData::draw(Named::Rings, count, 0).is_err(), "{count}");
    }
    assert!(
        Named::from_name("moons")
            .unwrap_err()
            .to_string()
            .contains("two-moons")
    );
}
