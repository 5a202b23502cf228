"""The tiny networks of `unet/`: each a few options away from a common base, together every option.

A case is the keyword arguments of `UNet2DModel`; `BASE` fills in what it does not set.
"""

BASE = {
    "sample_size": 8,
    "in_channels": 3,
    "out_channels": 3,
    "block_out_channels": (4, 6),
    "layers_per_block": 1,
    "norm_num_groups": 2,
    "attention_head_dim": 3,
    "time_embedding_dim": 8,
    "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
    "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
}

CASES = {
    # the options of google/ddpm-cifar10-32, three levels, attention in the middle one
    "cifar10_style": {
        "block_out_channels": (4, 6, 6),
        "layers_per_block": 2,
        "attention_head_dim": None,
        "downsample_padding": 0,
        "flip_sin_to_cos": False,
        "freq_shift": 1,
        "norm_eps": 1e-6,
        "down_block_types": ("DownBlock2D", "AttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
    },
    "resnet_sampling": {
        "down_block_types": ("ResnetDownsampleBlock2D", "ResnetDownsampleBlock2D"),
        "up_block_types": ("ResnetUpsampleBlock2D", "ResnetUpsampleBlock2D"),
        "resnet_time_scale_shift": "scale_shift",
        "add_attention": False,
        "act_fn": "mish",
    },
    "attention_resnet_sampling": {
        "down_block_types": ("AttnDownBlock2D", "AttnDownBlock2D"),
        "up_block_types": ("AttnUpBlock2D", "AttnUpBlock2D"),
        "attention_head_dim": 2,
        "downsample_type": "resnet",
        "upsample_type": "resnet",
        "act_fn": "gelu",
    },
    # padding 0 in an attention block's convolution, and no effect on resnet sampling
    "attention_padding": {
        "block_out_channels": (4, 4, 6),
        "down_block_types": ("AttnDownBlock2D", "ResnetDownsampleBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "ResnetUpsampleBlock2D", "AttnUpBlock2D"),
        "attention_head_dim": 2,
        "attn_norm_num_groups": 3,
        "downsample_padding": 0,
        "freq_shift": 1,
    },
    # scale_shift without attn_norm_num_groups: the middle attention has no group norm at all
    "scale_shift": {"resnet_time_scale_shift": "scale_shift", "act_fn": "relu"},
    "scale_shift_attention_norm": {"resnet_time_scale_shift": "scale_shift", "attn_norm_num_groups": 3},
    "no_middle": {"mid_block_type": None, "center_input_sample": True, "act_fn": "swish"},
    "middle_scale": {"mid_block_scale_factor": 1.4142, "dropout": 0.3, "norm_eps": 1e-2},
    "class_labels": {"num_class_embeds": 5, "time_embedding_dim": 12},
    "class_timestep": {"class_embed_type": "timestep", "flip_sin_to_cos": False},
    "class_identity": {"class_embed_type": "identity"},
    "learned_time": {"time_embedding_type": "learned", "num_train_timesteps": 20},
    # as a network with a learned variance has: twice the channels out
    "rectangular": {"sample_size": (8, 12), "in_channels": 2, "out_channels": 4},
    # odd embedding width: its last column is zero; and heads that do not divide the channels:
    # attention works on 8 of 10
    "odd_channels": {
        "block_out_channels": (5, 10),
        "norm_num_groups": 5,
        "attention_head_dim": 4,
        "flip_sin_to_cos": False,
        "freq_shift": 1,
    },
    "single_level": {
        "block_out_channels": (6,),
        "layers_per_block": 2,
        "down_block_types": ("AttnDownBlock2D",),
        "up_block_types": ("AttnUpBlock2D",),
    },
    # variants of the file format, below
    # config.json holds only what differs from the class defaults; time_embedding_dim null means
    # four times the first channel count
    "class_defaults": {
        "block_out_channels": (4, 8),
        "layers_per_block": 2,
        "attention_head_dim": 8,
        "time_embedding_dim": None,
    },
    "old_attention_names": {"attention_head_dim": None},
    "sharded": {},
    "float16": {},
    "bfloat16": {},
    "pipeline": {"num_class_embeds": 3},
    # NCSN++, below
    # the options of google/ncsnpp-celebahq-256; attention in a skip block has 32 groups, so 32 channels
    "ncsnpp": {
        "sample_size": 16,
        "block_out_channels": (32, 32, 4),
        "norm_num_groups": None,
        "attention_head_dim": None,
        "norm_eps": 1e-6,
        "mid_block_scale_factor": 1.41421356237,
        "time_embedding_type": "fourier",
        "down_block_types": ("SkipDownBlock2D", "AttnSkipDownBlock2D", "SkipDownBlock2D"),
        "up_block_types": ("SkipUpBlock2D", "AttnSkipUpBlock2D", "SkipUpBlock2D"),
    },
    # skip blocks take a quarter of their channels as groups (5 have 1, 10 have 2, 15 have 3)
    # whatever norm_num_groups says, and the centred sample
    "skips": {
        "sample_size": (8, 12),
        "block_out_channels": (5, 10),
        "layers_per_block": 2,
        "norm_num_groups": 5,
        "attention_head_dim": 5,
        "center_input_sample": True,
        "act_fn": "mish",
        "down_block_types": ("SkipDownBlock2D", "SkipDownBlock2D"),
        "up_block_types": ("SkipUpBlock2D", "SkipUpBlock2D"),
    },
    "fourier": {"time_embedding_type": "fourier", "center_input_sample": True},
    "fourier_class_timestep": {
        "time_embedding_type": "fourier",
        "class_embed_type": "timestep",
        "time_embedding_dim": None,
    },
    # no image comes out of the last block on the way up, so there may be four channels
    "skips_then_others": {
        "block_out_channels": (4, 6, 6),
        "out_channels": 4,
        "time_embedding_type": "fourier",
        "center_input_sample": True,
        "resnet_time_scale_shift": "scale_shift",
        "down_block_types": ("UNetResSkipDownBlock2D", "AttnDownBlock2D", "SkipDownBlock2D"),
        "up_block_types": ("ResnetUpsampleBlock2D", "AttnUpBlock2D", "UNetResSkipUpBlock2D"),
    },
    # no block but the last takes the sample on the way down, so there may be two channels
    "others_then_skips": {
        "block_out_channels": (4, 4, 6),
        "in_channels": 2,
        "mid_block_type": None,
        "downsample_padding": 0,
        "resnet_time_scale_shift": "scale_shift",
        "act_fn": "gelu",
        "down_block_types": ("DownBlock2D", "ResnetDownsampleBlock2D", "SkipDownBlock2D"),
        "up_block_types": ("UpBlock2D", "SkipUpBlock2D", "SkipUpBlock2D"),
    },
    # neither the sample nor an image
    "skip_single_level": {
        "block_out_channels": (4,),
        "in_channels": 1,
        "out_channels": 2,
        "norm_num_groups": None,
        "attention_head_dim": 4,
        "down_block_types": ("SkipDownBlock2D",),
        "up_block_types": ("SkipUpBlock2D",),
    },
}
