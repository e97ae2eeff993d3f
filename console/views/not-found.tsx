import { Link } from 'react-router';
import { Empty } from '../parts/states.js';

export function NotFound() {
  return (
    <Empty title="There is nothing here">
      <Link to="/">Go to the overview</Link>
    </Empty>
  );
}
