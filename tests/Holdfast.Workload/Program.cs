// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Workloads;

// The workload and the oracle as a program, for kernels that the tests do not run on: tests/images/README.md tells how.
switch (args)
{
    case ["fill", string folder, string seed, string scale]:
        Workload.Run(
            folder, int.Parse(seed, CultureInfo.InvariantCulture), double.Parse(scale, CultureInfo.InvariantCulture));
        return 0;

    case ["ask", string mountPoint, string stem, .. string[] devices]:
        // Device files in the order data, realtime, log; one that is not named is data.
        ulong[] numbers = [.. devices.Select(DeviceNumber.Of)];
        DeviceRole[] roles = [DeviceRole.Data, DeviceRole.Realtime, DeviceRole.Log];
        KernelAnswers.Ask(mountPoint, device => roles[Math.Max(0, Array.IndexOf(numbers, device))]).Save(stem);
        return 0;

    case ["pack", string file, string packed]:
        Packed.WriteFile(packed, file);
        return 0;

    default:
        Console.Error.WriteLine(
            """
            usage: holdfast-workload fill FOLDER SEED SCALE
                   holdfast-workload ask MOUNT STEM [DATA-DEVICE [REALTIME-DEVICE [LOG-DEVICE]]]
                   holdfast-workload pack FILE STEM
            """);
        return 2;
}
