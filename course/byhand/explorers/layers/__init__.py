"""Explorers of chapter 5."""

from byhand.explorers.layers.attention import Attention
from byhand.explorers.layers.batchnorm import BatchNorm
from byhand.explorers.layers.convolution import ConvolutionWindow
from byhand.explorers.layers.dropout import Dropout
from byhand.explorers.layers.switches import Switches

CHAPTER = "5_layer_gradients"

convolution_explorer = ConvolutionWindow.open
batchnorm_explorer = BatchNorm.open
dropout_explorer = Dropout.open
attention_explorer = Attention.open
switches_explorer = Switches.open
