// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>Which of an inode's block maps a range belongs to.</summary>
public enum ForkKind
{
    Data,
    Attribute,
    Cow,
}
