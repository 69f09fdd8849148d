// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Bench.Surveys;

/// <summary>
/// What is asked about one image, chosen while the kernel had it mounted. Kept beside the image as JSON.
/// </summary>
/// <param name="Inodes">In use.</param>
/// <param name="TargetOffset">Byte offset of a block of file content, its inode in the middle of all.</param>
/// <param name="MetadataBytes">Bytes in all inode chunks and directory data blocks.</param>
internal sealed record Survey(
    int Inodes, int Directories, ulong TargetInode, long TargetOffset, long MetadataBytes, int MetadataRanges)
{
    public static Survey Load(string path) =>
        JsonSerializer.Deserialize(File.ReadAllText(path), SurveyJson.Default.Survey)
        ?? throw new InvalidDataException($"{path}: empty");

    public void Save(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, SurveyJson.Default.Survey));
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Survey))]
internal sealed partial class SurveyJson : JsonSerializerContext;
