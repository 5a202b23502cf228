//! Configurations that a network cannot be built from.

use burn::tensor::Device;
use serde_json::json;
use tweedie::Error;
use tweedie::nn::UNet2d;
use tweedie::nn::UNet2dConfig;

use crate::files::{config_error, error, flat};

#[test]
fn values_of_the_configuration_that_are_not_supported_are_named() {
    for (key, value, expected) in [
        (
            "down_block_types",
            json!(["SkipDownBlock2D", "DownBlock2D"]),
            "down_block_types = [\"SkipDownBlock2D\",\"DownBlock2D\"] is not supported; supported:",
        ),
        (
            "up_block_types",
            json!(["AttnSkipUpBlock2D", "UpBlock2D"]),
            "up_block_types = [\"AttnSkipUpBlock2D\",\"UpBlock2D\"] is not supported; supported:",
        ),
        (
            "mid_block_type",
            json!("UNetMidBlock2DCrossAttn"),
            "mid_block_type = \"UNetMidBlock2DCrossAttn\" is not supported; supported: `UNetMidBlock2D`",
        ),
        (
            "time_embedding_type",
            json!("fourier"),
            "time_embedding_type = \"fourier\" is not supported; supported: `positional` or `learned`",
        ),
        (
            "act_fn",
            json!("sine"),
            "act_fn = \"sine\" is not supported; supported: one of `silu`, `swish`, `mish`, `gelu`, `relu`",
        ),
        (
            "resnet_time_scale_shift",
            json!("ada_group"),
            "resnet_time_scale_shift = \"ada_group\" is not supported; supported: `default` or `scale_shift`",
        ),
        (
            "class_embed_type",
            json!("projection"),
            "class_embed_type = \"projection\" is not supported; supported: `timestep` or `identity`",
        ),
        (
            "downsample_type",
            json!("fir"),
            "downsample_type = \"fir\" is not supported; supported: `conv` or `resnet`",
        ),
        (
            "sample_size",
            json!("large"),
            "sample_size = \"large\" is not supported; supported: a size, a pair of sizes or null",
        ),
        (
            "in_channels",
            json!(-1),
            "in_channels = -1 is not supported; supported: usize",
        ),
        (
            "cross_attention_dim",
            json!(768),
            "cross_attention_dim = 768 is not supported; supported: one of",
        ),
    ] {
        let message = config_error(json!({key: value})).to_string();
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn values_of_the_configuration_out_of_their_domain_are_named() {
    for (changes, name) in [
        (
            json!({"block_out_channels": []}),
            "block_out_channels (their number)",
        ),
        (
            json!({"block_out_channels": [4, 1_u64 << 40]}),
            "block_out_channels",
        ),
        (json!({"block_out_channels": [4]}), "down_block_types"),
        (json!({"up_block_types": ["UpBlock2D"]}), "up_block_types"),
        (json!({"layers_per_block": 0}), "layers_per_block"),
        (json!({"layers_per_block": 1_u64 << 40}), "layers_per_block"),
        (json!({"in_channels": 0}), "in_channels"),
        (json!({"out_channels": 1_u64 << 40}), "out_channels"),
        (json!({"downsample_padding": 2}), "downsample_padding"),
        (json!({"norm_eps": 0}), "norm_eps"),
        (
            json!({"mid_block_scale_factor": 0}),
            "mid_block_scale_factor",
        ),
        (json!({"dropout": 1}), "dropout"),
        (json!({"freq_shift": 2}), "freq_shift"),
        (json!({"norm_num_groups": 3}), "norm_num_groups"),
        (json!({"norm_num_groups": 0}), "norm_num_groups"),
        (json!({"attn_norm_num_groups": 5}), "attn_norm_num_groups"),
        (json!({"attention_head_dim": 0}), "attention_head_dim"),
        (json!({"attention_head_dim": 7}), "attention_head_dim"),
        (
            json!({"time_embedding_dim": 1_u64 << 40}),
            "time_embedding_dim",
        ),
        (json!({"num_class_embeds": 1_u64 << 40}), "num_class_embeds"),
        (json!({"num_class_embeds": 0}), "num_class_embeds"),
        (
            json!({"time_embedding_type": "learned"}),
            "num_train_timesteps",
        ),
        (
            json!({"time_embedding_type": "learned", "num_train_timesteps": 10}),
            "num_train_timesteps of the network",
        ),
        (json!({"sample_size": null}), "sample_size"),
        (json!({"sample_size": 7}), "sample_size"),
        (json!({"sample_size": [8, 0]}), "sample_size"),
    ] {
        match config_error(changes.clone()) {
            Error::InvalidOption { name: found, .. } => assert_eq!(found, name, "{changes}"),
            other => panic!("{changes} gives {other}"),
        }
    }
}

#[test]
fn a_configuration_of_too_many_parameters_is_refused_before_anything_is_allocated() {
    let config = UNet2dConfig {
        block_out_channels: vec![16384; 4],
        layers_per_block: 64,
        ..UNet2dConfig::default()
    };
    let message = UNet2d::new(&config, &Device::flex())
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("block_out_channels must be so small that"),
        "{message}"
    );
}

#[test]
fn configurations_that_are_no_json_objects_are_named() {
    for name in ["config.json", "scheduler_config.json", "model_index.json"] {
        for bytes in [&b"{"[..], b"[]", b"\xff"] {
            let mut files = flat();
            files.insert(name.to_owned(), bytes.to_vec());
            let message = error(files).to_string();
            let expected = format!("{name} cannot be read: ");
            assert!(message.starts_with(&expected), "{message}");
        }
    }
}
