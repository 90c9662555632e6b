import a11y from 'eslint-plugin-jsx-a11y';
import react from 'eslint-plugin-react';
import hooks from 'eslint-plugin-react-hooks';

const browser = ['window', 'document', 'URL'];
const vitest = ['describe', 'it', 'expect', 'beforeEach', 'afterEach', 'vi'];
const known = (names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

export default [
  react.configs.flat.recommended,
  a11y.flatConfigs.recommended,
  {
    files: ['**/*.{js,jsx}'],
    plugins: { 'react-hooks': hooks },
    languageOptions: { globals: known([...browser, ...vitest]) },
    settings: { react: { version: '18.3' } },
    rules: {
      ...hooks.configs.recommended.rules,
      'no-undef': 'error',
      'no-unused-vars': 'error',
      'prefer-const': 'error',
      'react/prop-types': 'off',
      'max-len': ['error', { code: 110 }],
    },
  },
];
