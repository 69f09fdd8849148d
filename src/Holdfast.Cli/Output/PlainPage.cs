// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Cli.Output;

/// <summary>For pipes and files: no colour, and no line broken, so that a line of it can be searched for.</summary>
internal sealed class PlainPage(Stream stream) : IPage
{
    private readonly StreamWriter _writer = new(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };

    public void Line(Styled[] lead, params Styled[] body)
    {
        foreach (Styled part in lead) _writer.Write(part.Text);
        foreach (Styled part in body) _writer.Write(part.Text);
        _writer.WriteLine();
    }

    public void Dispose() => _writer.Dispose();
}
