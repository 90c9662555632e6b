import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const MFE = [
  '@edx/frontend-platform',
  '@edx/frontend-platform/auth',
  '@edx/frontend-platform/i18n',
  '@edx/frontend-platform/logging',
  '@openedx/frontend-plugin-framework',
  '@openedx/paragon',
  'react',
  'react/jsx-runtime',
  'react/jsx-dev-runtime',
  'react-dom',
  'react-dom/client',
  'react-dom/test-utils',
  '@testing-library/dom',
  '@testing-library/react',
  '@testing-library/user-event',
];

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: [
      { find: '@button', replacement: here('tutor_token_payments/templates/mfe/build/mfe/token-payments') },
      // An MFE's own configuration, which frontend-platform imports by this name.
      { find: 'env.config', replacement: here('tests/nothing.js') },
      // Paragon's styles and pictures; nothing here depends on them.
      { find: /^.*\.(scss|svg|png)$/, replacement: here('tests/nothing.js') },
    ],
    dedupe: ['react', 'react-dom', '@edx/frontend-platform', '@openedx/paragon'],
  },
  test: {
    environment: 'jsdom',
    environmentOptions: { jsdom: { url: 'http://apps.lms.example/catalog/' } },
    globals: true,
    setupFiles: ['tests/setup.js'],
    include: ['tests/*.test.jsx'],
    restoreMocks: true,
    // Bundled first, as an MFE's build does it: their files leave extensions out.
    deps: { optimizer: { web: { enabled: true, include: MFE } } },
  },
});
