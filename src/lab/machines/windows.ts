import type { Machine, MachineFile, RegistryKey } from '../../core/machine.js';

const UNINSTALL = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';

/** A fresh Windows 11 23H2, English, with what computers of a company have anyway; there is none for x86. */
export function windows11(architecture: 'x64' | 'arm64' = 'x64'): Machine {
  return {
    os: {
      version: '10.0.22631.0',
      productType: 1,
      suiteMask: 256,
      architecture,
      language: 'en-US',
      muiLanguages: ['en-US'],
    },
    registry: {
      '64': {
        'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion': {
          CurrentBuild: text('22631'),
          CurrentMajorVersionNumber: number(10),
          DisplayVersion: text('23H2'),
          EditionID: text('Enterprise'),
          ProductName: text('Windows 10 Enterprise'),
        },
        'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion': {
          ProgramFilesDir: text('C:\\Program Files'),
          'ProgramFilesDir (x86)': text('C:\\Program Files (x86)'),
        },
        [`${UNINSTALL}\\{0C4A1F9B-7C5C-4C3B-9A0C-2C3B5B1C7E11}`]: program(
          'Microsoft Update Health Tools',
          '5.72.0.0',
          'Microsoft Corporation',
          true,
        ),
        [`${UNINSTALL}\\Mozilla Firefox 128.0 (x64 en-US)`]: program(
          'Mozilla Firefox (x64 en-US)',
          '128.0',
          'Mozilla',
          false,
        ),
      },
      '32': {
        'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion': {
          ProgramFilesDir: text('C:\\Program Files (x86)'),
        },
        [`${UNINSTALL}\\Microsoft Edge`]: program(
          'Microsoft Edge',
          '127.0.2651.74',
          'Microsoft Corporation',
          false,
        ),
        [`${UNINSTALL}\\{B175520C-86A2-35A7-8619-86DC379688B9}`]: program(
          'Microsoft Visual C++ 2012 x86 Additional Runtime - 11.0.61030',
          '11.0.61030',
          'Microsoft Corporation',
          true,
        ),
      },
    },
    files: [
      systemFile('kernel32.dll', '10.0.22621.3880'),
      systemFile('msiexec.exe', '5.0.22621.3880'),
      systemFile('wuaueng.dll', '10.0.22621.3880'),
    ],
    msi: {
      products: [
        { productCode: '{0C4A1F9B-7C5C-4C3B-9A0C-2C3B5B1C7E11}', version: '5.72.0.0', language: 1033 },
        { productCode: '{B175520C-86A2-35A7-8619-86DC379688B9}', version: '11.0.61030', language: 1033 },
      ],
      patches: [],
    },
    wmi: [],
    processors: 4,
  };
}

const text = (value: string) => ({ type: 'REG_SZ', value }) as const;
const number = (value: number) => ({ type: 'REG_DWORD', value }) as const;

function program(name: string, version: string, publisher: string, windowsInstaller: boolean): RegistryKey {
  return {
    DisplayName: text(name),
    DisplayVersion: text(version),
    Publisher: text(publisher),
    ...(windowsInstaller ? { WindowsInstaller: number(1) } : {}),
  };
}

function systemFile(name: string, version: string): MachineFile {
  return { path: `C:\\Windows\\System32\\${name}`, version, language: 1033 };
}
